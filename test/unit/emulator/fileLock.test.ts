import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type FileLock, lockFile } from "../../../emulator/src/fileLock";

let folder: string;
let held: FileLock[];
const owners: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "file-lock-test-"));
  held = [];
});

afterEach(() => {
  for (const lock of held) lock.release();
  for (const owner of owners.splice(0)) owner.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function createFile(name: string) {
  writeFileSync(join(folder, name), "");
  return statSync(join(folder, name), { bigint: true });
}

async function take(file: ReturnType<typeof createFile>, platform: NodeJS.Platform): Promise<FileLock> {
  const lock = await lockFile(file, platform);
  if (!("release" in lock)) throw new Error(`Process ${lock.owner} has the lock.`);
  held.push(lock);
  return lock;
}

// Systems that have local sockets without files, and others, such as macOS.
describe.each([[process.platform], ["darwin"]] as const)("on %s", (platform) => {
  test("a lock can be taken once, and again after its release", async () => {
    const file = createFile("data");
    const lock = await take(file, platform);
    expect(await lockFile(file, platform)).toEqual({ isRunning: true, owner: process.pid });
    lock.release();
    await take(file, platform);
  });

  test("two files have two locks", async () => {
    await take(createFile("data"), platform);
    await take(createFile("other"), platform);
  });
});

const hasUnixSockets = process.platform !== "win32";

(hasUnixSockets ? test : test.skip)(
  "a lock that a killed process left as a socket file is taken over",
  async () => {
    const file = createFile("data");
    const address = `/tmp/dashscope-emulator-${file.dev}-${file.ino}`;
    const program = `require("node:net").createServer().listen(${JSON.stringify(address)}, () => console.log("listening"))`;
    const owner = spawn(process.execPath, ["--eval", program]);
    owners.push(owner);
    await once(owner.stdout, "data");
    expect(await lockFile(file, "darwin")).toEqual({ isRunning: true, owner: undefined });
    owner.kill("SIGKILL");
    await once(owner, "close");
    expect(statSync(address).isSocket()).toBe(true);
    await take(file, "darwin");
  },
);
