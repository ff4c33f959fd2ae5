import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";

/** The environment in which dynamic-provider hosts don't load what serializes closures, so that they start in half the time. */
export const leaveOutClosures = {
  NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, "withoutClosures.cjs"))}`,
};

/**
 * Makes the operations of a stack faster. After each one, the Automation API runs the CLI up to three times to read the
 * outputs and the history. That takes 1.4 s, and an `up` takes 2 s.
 */
export function leaveOutSummaries(stack: Stack): void {
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
}
