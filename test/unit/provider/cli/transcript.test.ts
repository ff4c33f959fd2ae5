import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator, EmulatorOptions } from "dashscope-emulator";
import { UsageError } from "../../../../provider/src/cli/command";
import { transcript } from "../../../../provider/src/cli/transcript";
import { ConfigurationError, RequestError } from "../../../../provider/src/dashscope/errors";
import { MissingError } from "../../../../provider/src/resource/errors";
import { createThread, openEmulator } from "../emulated";
import { catchError, startHttpServer } from "../testServer";

const environment = { ...process.env };
let folder = "";
let printed: string[] = [];
let reported: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "transcript-"));
  printed = [];
  reported = [];
  jest.spyOn(console, "log").mockImplementation((line) => printed.push(String(line)));
  jest.spyOn(console, "error").mockImplementation((line) => reported.push(String(line)));
});

afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...environment };
  rmSync(folder, { recursive: true });
});

/** Starts an emulator that the command reads. */
async function open(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await openEmulator(options);
  configure(emulator.url);
  return emulator;
}

function configure(baseUrl: string): void {
  process.env = {
    ...environment,
    DASHSCOPE_API_KEY: "sk-test",
    DASHSCOPE_HTTP_BASE_URL: baseUrl,
    DASHSCOPE_MAX_RETRIES: "0",
    DASHSCOPE_JOURNAL: "off",
  };
}

function run(...args: string[]): Promise<number> {
  return transcript.run(["--out", folder, ...args]);
}

/** Reads the messages of a transcript. */
function readLines(id: string): { id: string; role: string; content: unknown }[] {
  const text = readFileSync(join(folder, `${id}.jsonl`), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function countReads(emulator: Emulator): number {
  return emulator.requests().filter(({ method }) => method === "GET").length;
}

describe("a transcript", () => {
  test("a transcript has all messages of all pages, oldest first, as DashScope answers them", async () => {
    const emulator = await open();
    const id = await createThread(emulator, 250);
    expect(await run(id)).toBe(0);
    expect(readLines(id)).toEqual(
      Array.from({ length: 250 }, (_, index) =>
        expect.objectContaining({
          object: "thread.message",
          thread_id: id,
          role: index % 2 === 0 ? "user" : "assistant",
          content: [{ type: "text", text: { value: `Message ${index + 1}`, annotations: [] } }],
        }),
      ),
    );
    expect(countReads(emulator)).toBe(3);
    expect(printed).toEqual([`Wrote 250 messages to ${join(folder, `${id}.jsonl`)}.`]);
    expect(reported).toEqual([]);
  });

  test("only you can read a transcript", async () => {
    const id = await createThread(await open(), 1);
    await run(id);
    expect(statSync(join(folder, `${id}.jsonl`)).mode & 0o777).toBe(0o600);
  });

  test("`--out` creates the folder, and an empty thread is an empty file", async () => {
    const id = await createThread(await open(), 0);
    expect(await transcript.run(["--out", join(folder, "a", "b"), id])).toBe(0);
    expect(readFileSync(join(folder, "a", "b", `${id}.jsonl`), "utf8")).toBe("");
  });

  test("a transcript never contains `account_id`", async () => {
    const message = {
      id: "message_1",
      role: "user",
      content: [{ type: "text", text: { value: "Hello" }, account_id: "secret-value" }],
      account_id: "secret-value",
    };
    const { url } = await startHttpServer((request, response) => {
      request.resume();
      response.end(JSON.stringify({ data: [message], has_more: false }));
    });
    configure(url);
    await run("thread_1");
    expect(readLines("thread_1")).toEqual([
      { id: "message_1", role: "user", content: [{ type: "text", text: { value: "Hello" } }] },
    ]);
  });

  test("a long transcript reports its progress", async () => {
    const now = jest.spyOn(Date, "now").mockReturnValue(0);
    let pages = 0;
    const { url } = await startHttpServer((request, response) => {
      request.resume();
      // Each page takes three seconds, and a report comes after five.
      now.mockReturnValue(3_000 * ++pages);
      const message = { id: `message_${pages}`, role: "user", content: [] };
      response.end(JSON.stringify({ data: [message], has_more: pages < 5 }));
    });
    configure(url);
    await run("thread_1");
    expect(reported).toEqual(["thread_1: 2 messages so far.", "thread_1: 4 messages so far."]);
  });

  test("a server that answers the same page forever doesn't fill the disk", async () => {
    const page = { data: [{ id: "message_1", role: "user", content: [] }], has_more: true };
    const { url } = await startHttpServer((request, response) => {
      request.resume();
      response.end(JSON.stringify(page));
    });
    configure(url);
    await run("thread_1");
    expect(readLines("thread_1")).toHaveLength(2);
  });
});

describe("existing files", () => {
  test("nothing is read or written if one of the files exists, and `--force` replaces it", async () => {
    const emulator = await open();
    const [first, second] = [await createThread(emulator, 1), await createThread(emulator, 2)];
    const existing = join(folder, `${second}.jsonl`);
    writeFileSync(existing, "kept");
    const error = await catchError(run(first, second), ConfigurationError);
    expect(error).not.toBeInstanceOf(UsageError);
    expect(error.message).toContain(existing);
    expect(countReads(emulator)).toBe(0);
    expect(readdirSync(folder)).toEqual([`${second}.jsonl`]);
    expect(readFileSync(existing, "utf8")).toBe("kept");

    expect(await run("--force", first, second)).toBe(0);
    expect(readLines(first)).toHaveLength(1);
    expect(readLines(second)).toHaveLength(2);
  });

  test("a transcript that fails leaves no file, and keeps the one that it would replace", async () => {
    const emulator = await open();
    const [first, second] = [await createThread(emulator, 1), await createThread(emulator, 150)];
    await run(first);
    writeFileSync(join(folder, `${second}.jsonl`), "kept");
    emulator.setFaults([{ kind: "truncate", verb: "listMessages", times: 1 }]);
    await catchError(run("--force", second, first), RequestError);
    expect(readFileSync(join(folder, `${second}.jsonl`), "utf8")).toBe("kept");
    expect(readdirSync(folder).sort()).toEqual([`${first}.jsonl`, `${second}.jsonl`].sort());
  });

  test("a thread that fails after its first page leaves no file", async () => {
    const message = { id: "message_1", role: "user", content: [] };
    let count = 0;
    const { url } = await startHttpServer((request, response) => {
      request.resume();
      if (count++ > 0) request.socket.destroy();
      else response.end(JSON.stringify({ data: [message], has_more: true }));
    });
    configure(url);
    await catchError(run("thread_1"), RequestError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("wrong arguments", () => {
  test("an unknown thread fails, and the transcripts before it are complete", async () => {
    const id = await createThread(await open(), 3);
    const error = await catchError(run(id, "thread_none"), MissingError);
    // Anything but a `UsageError` is the exit code 1.
    expect(error).not.toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/thread thread_none .*\[DASHSCOPE_ERR_MISSING\]$/);
    expect(readdirSync(folder)).toEqual([`${id}.jsonl`]);
    expect(readLines(id)).toHaveLength(3);
  });

  test.each([
    [[]],
    [["../thread_1"]],
    [["thread_1", ""]],
    [["--wrong", "thread_1"]],
    [["thread_1", "--out"]],
  ])("the arguments %j are refused, and nothing is sent or written", async (args) => {
    const emulator = await open();
    const out = join(folder, "out");
    // A `UsageError` is the exit code 2.
    await catchError(transcript.run(["--out", out, ...args]), UsageError);
    expect(emulator.requests()).toEqual([]);
    expect(existsSync(out)).toBe(false);
  });

  test("a folder that can't be created, and a file that can't be written, are errors", async () => {
    const id = await createThread(await open(), 1);
    writeFileSync(join(folder, "file"), "");
    const error = await catchError(
      transcript.run(["--out", join(folder, "file", "out"), id]),
      ConfigurationError,
    );
    expect(error.message).toContain("`--out`");
  });
});
