import { isNativeError } from "node:util/types";
import { say } from "./say";

/** Checks the code of a system error. Unlike `instanceof Error`, it accepts errors from outside of Jest's sandbox. */
export function hasCode(error: unknown, code: string): boolean {
  return isNativeError(error) && "code" in error && error.code === code;
}

export function describeError(error: unknown): string {
  const message = isNativeError(error) ? error.message : String(error);
  // The Automation API's message is the command line and all output. This finds the line that says what failed.
  const [, stderr] = /^code: .*?^ stderr: (.*)/ms.exec(message) ?? [];
  return stderr === undefined ? message : (/^error: .+/m.exec(stderr) ?? /.*/.exec(stderr) ?? [message])[0];
}

export function reportFailure(error: unknown): void {
  say(describeError(error));
  process.exitCode = 1;
}
