import { CommandError } from "@pulumi/pulumi/automation";
import { OperationFailed } from "./operation";

/** What to tell of a failure, without a stack trace; nothing when Pulumi has told it already. */
export function explain(error: unknown): string | undefined {
  if (error instanceof OperationFailed) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  // The Automation API puts the command line and all output, twice, around the one line that Pulumi means.
  return error instanceof CommandError ? (/^error: .+/m.exec(message)?.[0] ?? message) : message;
}
