import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { open } from "lmdb";
import { startEmulator } from "../../../emulator/src/index";
import { call, create, emulator, say } from "./api";
import { Command } from "./command";

let folder: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-file-test-"));
  data = join(folder, "threads");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("threads and messages outlive the emulator in the file", async () => {
  const first = await startEmulator({ data });
  const id = await create(
    first,
    { metadata: { a: "b" }, messages: [{ role: "user", content: "x" }] },
    "llm-a",
  );
  const other = await create(first);
  const deleted = await create(first);
  await say(first, other, "y");
  await call(first, "POST", `/threads/${other}`, { body: { metadata: { c: "d" } } });
  await call(first, "DELETE", `/threads/${deleted}`);
  const before = first.threads();
  await first.close();

  const second = await emulator({ data });
  expect(second.threads()).toEqual(before);
  expect((await call(second, "GET", `/threads/${id}`, { workspace: "llm-a" })).status).toBe(200);
  await say(second, other, "z");
  const third = await create(second);
  expect(second.threads().map((thread) => thread.id)).toEqual([id, other, third]);
  expect(second.threads()[1]?.messages.map(({ content }) => content)).toEqual(["y", "z"]);
});

test("a deleted thread leaves nothing in the file", async () => {
  const first = await startEmulator({ data });
  const id = await create(first, { messages: [{ role: "user", content: "x" }] });
  await say(first, id, "y");
  await call(first, "DELETE", `/threads/${id}`);
  await first.close();
  const root = open({ path: data, noSubdir: true, readOnly: true });
  const left = ["threads", "thread-order", "messages", "message-keys"].map((name) =>
    root.openDB({ name }).getCount(),
  );
  await root.close();
  expect(left).toEqual([0, 0, 0, 0]);
});

test.each([["closed"], ["killed"]])(
  "an emulator without a file leaves nothing on disk when it is %s",
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

test("every thread that was answered outlives kill -9", async () => {
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

test("a file of something else is refused and left alone", async () => {
  const content = "no lmdb ".repeat(1000);
  writeFileSync(data, content);
  await expect(startEmulator({ data })).rejects.toThrow(
    `The data file ${data} cannot be opened: no emulator made it.`,
  );
  expect(readFileSync(data, "utf8")).toBe(content);
});

test("a file that cannot be made is refused in a sentence that names it", async () => {
  writeFileSync(data, "");
  const inFile = join(data, "threads");
  await expect(startEmulator({ data: inFile })).rejects.toThrow(`The data file ${inFile} cannot be opened: `);
});

test("the folder of the file is made where there is none", async () => {
  data = join(folder, "new", "folder", "threads");
  const target = await emulator({ data });
  await create(target);
  expect(existsSync(data)).toBe(true);
});

test("an emulator that cannot start leaves the file to others", async () => {
  const { port } = await emulator();
  await expect(startEmulator({ data, port })).rejects.toThrow(`Port ${port} is in use`);
  await emulator({ data });
  expect(existsSync(data)).toBe(true);
});
