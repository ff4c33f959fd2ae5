import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ConfigurationError } from "../../../../provider/src/dashscope/errors";
import { computeFingerprint } from "../../../../provider/src/dashscope/fingerprint";
import { takeInterruptedRuns } from "../../../../provider/src/journal/interrupted";
import { getJournalFolder, openJournal } from "../../../../provider/src/journal/journal";
import { readJournal } from "../../../../provider/src/journal/read";

const endpoint = { baseUrl: "https://dashscope.aliyuncs.com/api/v1", workspace: "llm-1" };
const create = { noun: "thread", endpoint, key: "sk-secret-value" };
let folder = "";
let environment: NodeJS.ProcessEnv = {};

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "journal-")), "journal");
  environment = { DASHSCOPE_JOURNAL: folder };
});

afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

describe("getJournalFolder", () => {
  test.each<[NodeJS.ProcessEnv, string | undefined]>([
    [{ DASHSCOPE_JOURNAL: "/a" }, "/a"],
    [{ DASHSCOPE_JOURNAL: "OFF", PULUMI_HOME: "/p" }, undefined],
    [{ DASHSCOPE_JOURNAL: "", PULUMI_HOME: "/p" }, join("/p", "dashscope", "journal")],
    [{}, join(homedir(), ".pulumi", "dashscope", "journal")],
  ])("with %j, the journal's folder is %s", (given, expected) => {
    expect(getJournalFolder(given)).toBe(expected);
  });
});

describe("the journal", () => {
  test("every create is read back with its end, and without its key", () => {
    const journal = openJournal(environment);
    journal.begin(create).created("thread_1");
    journal.begin(create).uncertain("thread_2");
    journal.begin(create).uncertain(undefined);
    journal.begin(create).refused();
    journal.begin(create);
    journal.recordDeleted("thread_1");
    const sent = {
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      noun: "thread",
      ...endpoint,
      key: computeFingerprint(endpoint.baseUrl, create.key),
    };
    expect(readJournal(folder)).toEqual({
      creates: [
        { ...sent, end: "created", id: "thread_1" },
        { ...sent, end: "uncertain", id: "thread_2" },
        { ...sent, end: "uncertain" },
        { ...sent, end: "refused" },
        { ...sent, end: "unanswered" },
      ],
      deleted: new Set(["thread_1"]),
    });
    expect(readFileSync(getFile(), "utf8")).not.toContain("sk-");
    expect(statSync(getFile()).mode & 0o077).toBe(0);
  });

  test("the line of a create is written before `begin` returns", () => {
    openJournal(environment).begin(create);
    expect(readFileSync(getFile(), "utf8")).toMatch(/^\{"event":"sent".*\}\n$/);
  });

  test("a line that a kill cut short is left out", () => {
    openJournal(environment).begin(create).created("thread_1");
    truncateSync(getFile(), statSync(getFile()).size - 5);
    expect(readJournal(folder).creates).toMatchObject([{ end: "unanswered" }]);
    appendFileSync(getFile(), "\n\n");
    expect(readJournal(folder).creates).toHaveLength(1);
  });

  test("a journal that's switched off or was never written has no files and no creates", () => {
    const off = openJournal({ DASHSCOPE_JOURNAL: "off" });
    off.begin(create).created("thread_1");
    off.recordDeleted("thread_1");
    off.close();
    openJournal(environment).close();
    expect(readJournal(folder)).toEqual({ creates: [], deleted: new Set() });
  });

  test("a journal that can't be written refuses a create before it's sent, and names the way out", () => {
    writeFileSync(folder, "a file");
    const begin = () => openJournal(environment).begin(create);
    expect(begin).toThrow(ConfigurationError);
    expect(begin).toThrow(/`DASHSCOPE_JOURNAL`/);
  });

  test("a journal that can no longer be written doesn't lose a result", () => {
    const journal = openJournal(environment);
    const [first, second, third] = [journal.begin(create), journal.begin(create), journal.begin(create)];
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "a file");
    expect(() => {
      first?.created("thread_1");
      second?.uncertain(undefined);
      third?.refused();
      journal.recordDeleted("thread_2");
    }).not.toThrow();
  });

  test("the journal keeps at most the newest 100 older files, and 32 MiB", () => {
    openJournal(environment).begin(create);
    rmSync(getFile());
    for (let count = 100; count < 210; count++) writeFileSync(join(folder, `2020-01-01T${count}.jsonl`), "");
    writeFileSync(join(folder, "notes.txt"), "");
    openJournal(environment).begin(create);
    const names = readdirSync(folder);
    expect(names).toHaveLength(102);
    expect(names).toContain("2020-01-01T209.jsonl");
    expect(names).not.toContain("2020-01-01T109.jsonl");
    expect(names).toContain("notes.txt");
    truncateSync(join(folder, "2020-01-01T205.jsonl"), 33 * 1024 * 1024);
    openJournal(environment).begin(create);
    expect(readdirSync(folder).filter((name) => name < "2020-01-01T206")).toEqual([]);
  });
});

describe("takeInterruptedRuns", () => {
  const end = () => spawnSync(process.execPath, ["--version"]).pid;

  test("a run that ended without closing its journal is told once, if it created something", () => {
    const name = `2026-01-01T00-${end()}`;
    openJournal(environment).begin(create);
    const own = readFileSync(getFile(), "utf8");
    writeFileSync(join(folder, `${name}-open.jsonl`), own);
    writeFileSync(
      join(folder, `${name.replace("T00", "T01")}-open.jsonl`),
      '{"event":"deleted","id":"thread_1"}\n',
    );
    expect(takeInterruptedRuns(environment)).toBe(1);
    expect(takeInterruptedRuns(environment)).toBe(0);
    expect(readdirSync(folder)).toContain(`${name}-interrupted.jsonl`);
    // It's still compared with the states.
    expect(readJournal(folder).creates).toHaveLength(2);
  });

  test("a run that is under way or has ended by itself isn't interrupted", () => {
    const journal = openJournal(environment);
    journal.begin(create);
    expect(takeInterruptedRuns(environment)).toBe(0);
    journal.close();
    expect(readdirSync(folder)[0]).not.toContain("open");
    expect(takeInterruptedRuns(environment)).toBe(0);
    expect(takeInterruptedRuns({ DASHSCOPE_JOURNAL: "off" })).toBe(0);
    expect(takeInterruptedRuns({ DASHSCOPE_JOURNAL: join(folder, "missing") })).toBe(0);
  });
});

/** Returns the only file of the journal. */
function getFile(): string {
  return join(folder, readdirSync(folder)[0] ?? "");
}
