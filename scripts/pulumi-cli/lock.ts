import { mkdir, open, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isSystemError } from "../system-error";

/** A holder that has not touched its lock for so long is dead, whatever machine or container it ran in. */
const deadAfter = 15_000;
const touchEvery = 3_000;
const lookEvery = 500;

/**
 * Runs one process's work at a time. It only saves work: a lock taken over from a holder that lives after all must do no
 * harm, since a file system without a server knows no better.
 */
export async function oneAtATime<T>(
  lock: string,
  onWait: () => void,
  work: () => Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  await mkdir(dirname(lock), { recursive: true });
  for (let waiting = false; !(await taken(lock)); waiting = true) {
    if (!waiting) onWait();
    await sleep(lookEvery, undefined, stop ? { signal: stop } : {});
    await dropIfDead(lock);
  }
  const touching = setInterval(() => void touch(lock), touchEvery);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(lock, { force: true });
  }
}

/** Whether the lock is now ours. */
async function taken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx")).close();
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw error;
  }
}

async function dropIfDead(lock: string): Promise<void> {
  const touched = await stat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  if (Date.now() - touched > deadAfter) await rm(lock, { force: true });
}

async function touch(lock: string): Promise<void> {
  const now = new Date();
  await utimes(lock, now, now).catch(() => {});
}
