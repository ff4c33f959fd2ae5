import type { Stack } from "@pulumi/pulumi/automation";

/**
 * Makes the operations of a stack faster. After each one, the Automation API runs the CLI up to three times to read the
 * outputs and the history. This takes 1.4 s, beside an `up` of 2 s.
 */
export function leaveOutSummaries(stack: Stack): void {
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
}
