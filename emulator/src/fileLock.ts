import { type BigIntStats, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { isNativeError } from "node:util/types";

/** The exclusive use of a file by one process, whatever names and links lead to the file. */
export interface FileLock {
  release(): void;
}

/** The process that has the lock. */
export interface LockOwner {
  /** Whether it listens on the lock's socket. */
  isRunning: boolean;
  /** Its ID; undefined if it's busy, or ends just now. */
  owner: number | undefined;
}

const ANSWER_TIMEOUT = 1000;

/**
 * Takes the lock of a file, or returns the process that has it.
 *
 * The lock is a local socket whose name contains the file's device and inode, so that symlinks and hard links lead to the same
 * lock. The operating system closes the socket if the process is killed, so no lock is left behind.
 */
export async function lockFile(
  file: BigIntStats,
  platform: NodeJS.Platform = process.platform,
): Promise<FileLock | LockOwner> {
  const name = `dashscope-emulator-${file.dev}-${file.ino}`;
  // On Linux and Windows, such a name isn't a file. Elsewhere it is, and a killed process leaves it behind.
  const address = { linux: `\0${name}`, win32: `\\\\.\\pipe\\${name}` }[String(platform)];
  if (address !== undefined) return (await listen(address)) ?? (await askOwner(address));

  const socketFile = `/tmp/${name}`;
  const lock = (await listen(socketFile)) ?? (await askOwner(socketFile));
  if ("release" in lock || lock.isRunning) return lock;
  rmSync(socketFile, { force: true });
  return (await listen(socketFile)) ?? (await askOwner(socketFile));
}

/** Returns undefined if someone listens on the address. */
function listen(address: string): Promise<FileLock | undefined> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.on("error", () => {}).end(String(process.pid)));
    server.once("error", (error) => (isInUse(error) ? resolve(undefined) : reject(error)));
    server.listen({ path: address, readableAll: false }, () => {
      // The lock alone doesn't keep the process running.
      server.unref();
      resolve({ release: () => server.close() });
    });
  });
}

function isInUse(error: unknown): boolean {
  return isNativeError(error) && "code" in error && error.code === "EADDRINUSE";
}

function askOwner(address: string): Promise<LockOwner> {
  return new Promise((resolve) => {
    let answer = "";
    let isRunning = false;
    const socket = connect(address, () => {
      isRunning = true;
    });
    socket.setTimeout(ANSWER_TIMEOUT, () => socket.destroy());
    socket.on("data", (text) => {
      answer += text.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve({ isRunning, owner: answer === "" ? undefined : Number(answer) }));
  });
}
