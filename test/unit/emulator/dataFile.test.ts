import { randomBytes } from "node:crypto";
import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { startEmulator } from "../../../emulator/src/index";
import { call, create, emulator, expectMissing, say } from "./requests";
import { Command } from "./runningCommand";

let folder: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-file-test-"));
  data = join(folder, "threads");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("threads and messages outlive the emulator in the file, and deleted ones stay deleted", async () => {
  const first = await startEmulator({ data });
  const id = await create(
    first,
    { metadata: { a: "b" }, messages: [{ role: "user", content: "x" }] },
    "llm-a",
  );
  const other = await create(first);
  const deleted = await create(first, { messages: [{ role: "user", content: "x" }] });
  await say(first, other, "y");
  await call(first, "POST", `/threads/${other}`, { body: { metadata: { c: "d" } } });
  await call(first, "DELETE", `/threads/${deleted}`);
  const before = first.threads();
  await first.close();

  const second = await emulator({ data });
  expect(second.threads()).toEqual(before);
  expect((await call(second, "GET", `/threads/${id}`, { workspace: "llm-a" })).status).toBe(200);
  await expectMissing(second, deleted);
  await say(second, other, "z");
  const third = await create(second);
  expect(second.threads().map((thread) => thread.id)).toEqual([id, other, third]);
  expect(second.threads()[1]?.messages.map(({ content }) => content)).toEqual(["y", "z"]);
});

test("conversations and items outlive the emulator in the file, and deleted ones stay deleted", async () => {
  const first = await startEmulator({ data });
  const compatible = { ...first, url: first.compatibleUrl };
  const items = [{ type: "message", role: "user", content: "x" }];
  const ids: unknown[] = [];
  for (const metadata of [{ a: "b" }, {}])
    ids.push((await call(compatible, "POST", "/conversations", { body: { items, metadata } })).body["id"]);
  await call(compatible, "DELETE", `/conversations/${ids[1]}`);
  const before = first.conversations();
  expect(before).toMatchObject([{ id: ids[0], metadata: { a: "b" }, items: [{ role: "user" }] }]);
  await first.close();
  const second = await emulator({ data });
  expect(second.conversations()).toEqual(before);
  const read = { ...second, url: second.compatibleUrl };
  expect((await call(read, "GET", `/conversations/${ids[0]}`)).status).toBe(200);
  expect((await call(read, "GET", `/conversations/${ids[1]}`)).status).toBe(404);
});

test.each([["closed"], ["killed"]])(
  "an emulator without `data` leaves nothing on disk when it is %s",
  async (how) => {
    const temporaries = () => readdirSync(tmpdir()).filter((name) => name.startsWith("dashscope-emulator-"));
    const before = new Set(temporaries());
    const command = new Command("--port", "0");
    const url = await command.url();
    for (let index = 0; index < 20; index++)
      await fetch(`${url}/threads`, { method: "POST", headers: { authorization: "Bearer k" } });
    command.kill(how === "closed" ? "SIGTERM" : "SIGKILL");
    await command.ended();
    // Other tests' emulators come and go meanwhile.
    const isLeft = () => temporaries().some((name) => !before.has(name));
    for (const end = Date.now() + 2000; isLeft() && Date.now() < end; ) await sleep(20);
    expect(isLeft()).toBe(false);
  },
);

test("every thread of an answer outlives `kill -9`", async () => {
  const command = new Command("--port", "0", "--data", data);
  const url = await command.url();
  const answered: string[] = [];
  const clients = Array.from({ length: 8 }, async () => {
    while (true) {
      const response = await fetch(`${url}/threads`, {
        method: "POST",
        headers: { authorization: "Bearer k" },
      });
      const { id }: { id: string } = JSON.parse(await response.text());
      answered.push(id);
      if (answered.length === 200) command.kill("SIGKILL");
    }
  });
  await Promise.allSettled(clients);
  await command.ended();
  expect(answered.length).toBeGreaterThanOrEqual(200);

  const target = await emulator({ data });
  expect(target.threads().map(({ id }) => id)).toEqual(expect.arrayContaining(answered));
  expect((await call(target, "POST", "/threads")).status).toBe(200);
});

test("a second emulator on the file is refused until the first has ended", async () => {
  const first = new Command("--port", "0", "--data", data);
  await first.url();
  const sentence = `The data file ${data} is in use by another emulator (process ${first.pid}).`;
  await expect(startEmulator({ data })).rejects.toThrow(sentence);
  const second = new Command("--port", "0", "--data", data);
  expect(await second.ended()).toBe(1);
  expect(second.errors).toBe(`dashscope-emulator: ${sentence}\n`);
  first.kill("SIGTERM");
  await first.ended();
  await emulator({ data });
});

test("a second emulator in the same process is refused until the first is closed", async () => {
  const first = await startEmulator({ data });
  await create(first);
  const sentence = `The data file ${data} is in use by another emulator (process ${process.pid}).`;
  await expect(startEmulator({ data })).rejects.toThrow(sentence);
  expect(first.threads()).toHaveLength(1);
  await create(first);
  await first.close();
  expect((await emulator({ data })).threads()).toHaveLength(2);
});

test.each(["symlinkSync", "linkSync"] as const)(
  "a second emulator on a link made by `%s` is refused",
  async (link) => {
    const first = await startEmulator({ data });
    const other = join(folder, "link");
    fs[link](data, other);
    const sentence = `The data file ${other} is in use by another emulator (process ${process.pid}).`;
    await expect(startEmulator({ data: other })).rejects.toThrow(sentence);
    const id = await create(first);
    await first.close();
    expect((await emulator({ data: other })).threads()).toMatchObject([{ id }]);
  },
);

describe("a file that isn't a good data file is refused in one sentence and left alone", () => {
  /** Fills a good file, damages it, and returns the error of an emulator that opens it. */
  async function refusalAfter(damage: (content: Buffer) => Buffer): Promise<unknown> {
    const first = await startEmulator({ data });
    for (const content of ["x", "y"]) await create(first, { messages: [{ role: "user", content }] });
    await first.close();
    const damaged = damage(readFileSync(data));
    writeFileSync(data, damaged);
    const error = await startEmulator({ data }).catch((thrown: unknown) => thrown);
    expect(readFileSync(data)).toEqual(damaged);
    return error;
  }

  test.each<[string, (content: Buffer) => Buffer, string]>([
    [
      "text of something else",
      () => Buffer.from("# Notes\n".repeat(1000)),
      "it isn't a data file of this version of the emulator. Name another file, or delete this one.",
    ],
    [
      "random bytes",
      () => randomBytes(10_000),
      "it isn't a data file of this version of the emulator. Name another file, or delete this one.",
    ],
    [
      "zeros",
      (content) => Buffer.alloc(content.length),
      "it isn't a data file of this version of the emulator. Name another file, or delete this one.",
    ],
    ["nothing", () => Buffer.alloc(0), "it's empty. Delete it to start without threads."],
    [
      "its first bytes only",
      (content) => content.subarray(0, 10),
      "it isn't a data file of this version of the emulator. Name another file, or delete this one.",
    ],
    ["all but its last byte", (content) => content.subarray(0, -1), "it's damaged: its end is missing."],
    ["zeros after the header", (content) => content.fill(0, 38), "it's damaged at byte 38."],
  ])("an emulator refuses a file with %s", async (_name, damage, reason) => {
    expect(await refusalAfter(damage)).toMatchObject({
      message: `The data file ${data} can't be opened: ${reason}`,
    });
  });

  test("an emulator refuses a file with one changed bit anywhere after the header", async () => {
    for (const share of [0.1, 0.5, 0.99]) {
      rmSync(data, { force: true });
      const refusal = await refusalAfter((content) => {
        const at = Math.max(38, Math.floor(content.length * share));
        content.writeUInt8(content.readUInt8(at) ^ 4, at);
        return content;
      });
      expect(refusal).toMatchObject({
        message: expect.stringMatching(/can't be opened: it's damaged at byte \d+\.$/),
      });
    }
  });

  test("an emulator refuses a device as its file", async () => {
    await expect(startEmulator({ data: "/dev/zero" })).rejects.toThrow(
      "The data file /dev/zero can't be opened: it isn't a regular file.",
    );
  });
});

test("a file that someone else overwrites makes calls answer 500, and the emulator keeps running", async () => {
  const target = await emulator({ data });
  const id = await create(target, { metadata: { a: "b" } });
  writeFileSync(data, "x".repeat(1000));
  expect(await call(target, "GET", `/threads/${id}`)).toMatchObject({
    status: 500,
    body: { code: "InternalError", message: `The data file ${data} can't be read: it's damaged at byte 38.` },
  });
  expect((await call(target, "POST", "/threads")).status).toBe(200);
});

describe("when the disk is full", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("an emulator that can't write its new file leaves none behind", async () => {
    jest.spyOn(fs, "writeSync").mockImplementation(() => {
      throw new Error("ENOSPC: no space left on device, write");
    });
    await expect(startEmulator({ data })).rejects.toThrow(
      `The data file ${data} can't be opened: ENOSPC: no space left on device, write`,
    );
    expect(existsSync(data)).toBe(false);
  });

  test("a full disk makes writing calls answer 500 and changes nothing, and the emulator keeps running", async () => {
    const target = await emulator({ data });
    const id = await create(target, { metadata: { a: "1" } });
    const before = target.threads();
    const { writeSync } = fs;
    let free = 10;
    jest.spyOn(fs, "writeSync").mockImplementation((file, bytes, ...place) => {
      if (free === 0)
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      if (typeof bytes === "string") throw new Error("The data file is written as bytes.");
      const [offset = 0, , position = null] = place.map(Number);
      const written = writeSync(file, bytes, offset, free, position);
      free -= written;
      return written;
    });
    const full = {
      status: 500,
      body: {
        code: "InternalError",
        message: `The data file ${data} can't be written: ENOSPC: no space left on device, write`,
      },
    };
    expect(await call(target, "POST", "/threads")).toMatchObject(full);
    expect(await call(target, "POST", `/threads/${id}`, { body: { metadata: {} } })).toMatchObject(full);
    expect(await call(target, "DELETE", `/threads/${id}`)).toMatchObject(full);
    expect(target.threads()).toEqual(before);
    expect((await call(target, "GET", `/threads/${id}`)).status).toBe(200);
    jest.restoreAllMocks();
    const second = await create(target);
    await target.close();
    expect((await emulator({ data })).threads().map((thread) => thread.id)).toEqual([id, second]);
  });
});

test("an error names the file that can't be created", async () => {
  writeFileSync(data, "");
  const inFile = join(data, "threads");
  await expect(startEmulator({ data: inFile })).rejects.toThrow(`The data file ${inFile} can't be opened: `);
});

test("the emulator creates the folder of its file", async () => {
  data = join(folder, "new", "folder", "threads");
  const target = await emulator({ data });
  await create(target);
  expect(existsSync(data)).toBe(true);
});

test("an emulator that can't start releases its file", async () => {
  const { port } = await emulator();
  await expect(startEmulator({ data, port })).rejects.toThrow(`Port ${port} is in use`);
  await emulator({ data });
  expect(existsSync(data)).toBe(true);
});
