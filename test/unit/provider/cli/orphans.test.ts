import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { UsageError } from "../../../../provider/src/cli/command";
import { orphans } from "../../../../provider/src/cli/orphans";
import { ConfigurationError } from "../../../../provider/src/dashscope/errors";
import { openJournal } from "../../../../provider/src/journal/journal";
import { catchError } from "../testServer";

const create = { noun: "thread", endpoint: { baseUrl: "https://a.example" }, key: "sk-secret-value" };
let folder = "";
let printed: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orphans-"));
  printed = [];
  jest.spyOn(console, "log").mockImplementation((line) => printed.push(String(line)));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test("orphans lists threads that no state knows, and creates without an answer", async () => {
  const journal = openJournal({ DASHSCOPE_JOURNAL: join(folder, "journal") });
  for (const id of ["thread_kept", "thread_in_outputs", "thread_deleted", "thread_lost"]) {
    journal.begin(create).created(id);
  }
  journal.begin(create).uncertain("thread_uncertain");
  journal.begin(create).uncertain(undefined);
  journal.begin(create).refused();
  journal.recordDeleted("thread_deleted");
  expect(await run(writeState("a", ["thread_kept"]), writeState("b", { ids: ["thread_in_outputs"] }))).toBe(
    1,
  );
  const text = printed.join("\n");
  expect(text).toMatch(/thread_lost/);
  expect(text).toMatch(/thread_uncertain/);
  expect(text).not.toMatch(/thread_kept|thread_in_outputs|thread_deleted|sk-/);
  expect(printed.filter((line) => line.startsWith("  thread  "))).toHaveLength(1);
});

test("orphans returns 0 if the states contain everything", async () => {
  openJournal({ DASHSCOPE_JOURNAL: join(folder, "journal") })
    .begin(create)
    .created("thread_kept");
  expect(await run(writeState("a", ["thread_kept"]))).toBe(0);
});

test("orphans refuses wrong options and states that aren't JSON", async () => {
  const broken = join(folder, "broken");
  writeFileSync(broken, "{");
  await catchError(run("--wrong"), UsageError);
  await catchError(run(broken), ConfigurationError);
  await catchError(run(join(folder, "missing")), ConfigurationError);
});

function run(...args: string[]): Promise<number> {
  return orphans.run(["--journal", join(folder, "journal"), ...args]);
}

function writeState(name: string, content: unknown): string {
  writeFileSync(join(folder, name), JSON.stringify({ deployment: content }));
  return join(folder, name);
}
