import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { hasCode } from "./error";
import { say } from "./say";

/** Runs `work` while no other process holds the same lock. A lock whose process died is free after 10 seconds. */
export async function withLock<T>(
  path: string,
  whileWaiting: string,
  work: () => Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await acquireLock(path, whileWaiting, stop);
  try {
    return await work();
  } finally {
    // It fails if the lock was lost meanwhile.
    await release().catch(() => {});
  }
}

async function acquireLock(
  path: string,
  whileWaiting: string,
  stop: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  for (let isWaiting = false; ; isWaiting = true) {
    try {
      // If this process sleeps for long, another one takes its lock. Both then do the same work, which does no harm.
      return await lock(path, { lockfilePath: path, realpath: false, onCompromised: () => {} });
    } catch (error) {
      if (!hasCode(error, "ELOCKED")) throw error;
    }
    if (!isWaiting) say(whileWaiting);
    await sleep(500, undefined, { signal: stop });
  }
}
