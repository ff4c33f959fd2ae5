import { CommandError, ConcurrentUpdateError, type Stack } from "@pulumi/pulumi/automation";
import { say } from "../say";
import { isSystemError } from "../system-error";

/** What every operation of the Automation API takes. */
interface Options {
  readonly color: "always" | "never";
  readonly signal: AbortSignal;
  onOutput(text: string): void;
  onError(text: string): void;
}

export type Operation = (options: Options) => Promise<unknown>;

/** Pulumi has said itself what went wrong. */
export class OperationFailed extends Error {}

/** Runs an operation with Pulumi's output passed through. `stop` cancels it as ^C does: what has begun is finished. */
export async function operate(stack: Stack, operation: Operation, stop: AbortSignal): Promise<void> {
  try {
    await passThrough(operation, stop).catch(async (error: unknown) => {
      if (!(error instanceof ConcurrentUpdateError && ownersAreGone(error.message))) throw error;
      say("The run that locked the stack was killed: unlocking it, and trying again.");
      await stack.cancel();
      await passThrough(operation, stop);
    });
  } catch (error) {
    throw error instanceof CommandError ? new OperationFailed(error.message) : error;
  }
}

/** The CLI locks the stack, prints its first line, and only then heeds interrupts: one in between would leave the lock. */
const heedsAfterFirstLine = 200;

async function passThrough(operation: Operation, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  const cancelled = new AbortController();
  const cancel = () => cancelled.abort();
  const heed = () => (stop.aborted ? cancel() : stop.addEventListener("abort", cancel));
  let heeding: NodeJS.Timeout | undefined;
  try {
    await operation({
      color: process.stdout.isTTY && process.stdout.hasColors() ? "always" : "never",
      signal: cancelled.signal,
      onOutput: (text) => {
        heeding ??= setTimeout(heed, heedsAfterFirstLine);
        process.stdout.write(text);
      },
      onError: (text) => process.stderr.write(text),
    });
  } finally {
    clearTimeout(heeding);
    stop.removeEventListener("abort", cancel);
  }
}

/** Pulumi's message names the process that made each lock. */
function ownersAreGone(message: string): boolean {
  const owners = [...message.matchAll(/\(pid (\d+)\)/g)].map(([, pid]) => Number(pid));
  return owners.length > 0 && !owners.some(isAlive);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives all the same when it is not ours to signal.
    return isSystemError(error, "EPERM");
  }
}
