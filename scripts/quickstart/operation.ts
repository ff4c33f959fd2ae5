import { CommandError, ConcurrentUpdateError, type Stack } from "@pulumi/pulumi/automation";
import { hasCode } from "../error";
import { say } from "../say";

/** The options that all operations of the Automation API accept. */
interface Options {
  readonly color: "always" | "never";
  readonly signal: AbortSignal;
  readonly suppressProgress: boolean;
  onOutput(text: string): void;
  onError(text: string): void;
}

export type Operation<T> = (options: Options) => Promise<T>;

/** An operation failed, and Pulumi printed why. */
export class OperationError extends Error {}

/** Runs an operation and prints what Pulumi prints. Like ^C, `stop` lets the engine finish what it has begun. */
export async function runOperation<T>(
  stack: Pick<Stack, "cancel">,
  operation: Operation<T>,
  stop: AbortSignal,
): Promise<T> {
  try {
    return await runOnce(operation, stop).catch(async (error: unknown) => {
      if (!(error instanceof ConcurrentUpdateError && isAbandoned(error.message))) throw error;
      say("The run that locked the stack was killed: unlocking it and trying again.");
      await stack.cancel();
      return runOnce(operation, stop);
    });
  } catch (error) {
    throw error instanceof CommandError ? new OperationError(error.message) : error;
  }
}

/** The CLI locks the stack and prints its first line before it handles interrupts. An earlier one leaves the lock. */
const handlesInterruptsAfter = 200;

/** Pulumi prints each warning twice without a terminal of its own: beside the resource, and again under "Diagnostics". */
const warningBesideResource = /^ +\S.* \S*warning: .*\n/gm;

/** This advice needs a Pulumi CLI on PATH, and the scripts remove the stack themselves. */
const adviceAfterDestroy = /The resources in the stack have been deleted, but .*?`pulumi stack rm \S+`\.\s*/s;

/** Returns a function that leaves out the repetition of an error. Pulumi logs the error of an inline program and reports it again. */
function createErrorFilter(): (text: string) => string {
  const printed = new Set<string>();
  return (text) =>
    text.replace(/^error: .*\n/gm, (line) => {
      if (printed.has(line)) return "";
      printed.add(line);
      return line;
    });
}

async function runOnce<T>(operation: Operation<T>, stop: AbortSignal): Promise<T> {
  stop.throwIfAborted();
  const cancellation = new AbortController();
  const cancel = () => cancellation.abort();
  const listen = () => (stop.aborted ? cancel() : stop.addEventListener("abort", cancel));
  const leaveOutRepeatedErrors = createErrorFilter();
  let listening: NodeJS.Timeout | undefined;
  try {
    return await operation({
      color: process.stdout.isTTY && process.stdout.hasColors() ? "always" : "never",
      signal: cancellation.signal,
      suppressProgress: true,
      onOutput: (text) => {
        listening ??= setTimeout(listen, handlesInterruptsAfter);
        const rest = text.replace(warningBesideResource, "").replace(adviceAfterDestroy, "");
        process.stdout.write(leaveOutRepeatedErrors(rest));
      },
      onError: (text) => process.stderr.write(leaveOutRepeatedErrors(text)),
    });
  } finally {
    clearTimeout(listening);
    stop.removeEventListener("abort", cancel);
  }
}

/** Pulumi's message names the process of each lock. */
function isAbandoned(message: string): boolean {
  const owners = [...message.matchAll(/\(pid (\d+)\)/g)].map(([, pid]) => Number(pid));
  return owners.length > 0 && !owners.some(isRunning);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process of another user.
    return hasCode(error, "EPERM");
  }
}
