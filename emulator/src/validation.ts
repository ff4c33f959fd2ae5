import { z } from "zod";

/** Creates the schema of a number in a range, with one message for whatever is wrong. */
export function createNumberSchema(message: string, min: number, max = Number.MAX_VALUE): z.ZodNumber {
  return z.number({ error: message }).min(min, message).max(max, message);
}

/** Creates the schema of a whole number in a range, with one message for whatever is wrong. */
export function createWholeNumberSchema(message: string, min: number, max?: number): z.ZodNumber {
  return createNumberSchema(message, min, max).int(message);
}

/**
 * Describes the first thing that a schema found wrong: "`faults[0].ms` must be a number of milliseconds."
 * @param root the name of the value that was checked; empty if the names of its fields are enough.
 */
export function describeFirstIssue({ issues: [issue] }: z.ZodError, root: string): string {
  if (issue === undefined) return `\`${root}\` is invalid.`;
  const path = formatPath(root, issue.path);
  if (issue.code === "unrecognized_keys") return `\`${path}\` has an unknown field \`${issue.keys[0]}\`.`;
  return path === "" ? issue.message : `\`${path}\` ${issue.message}`;
}

function formatPath(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? String(step) : `${text}.${String(step)}`;
  }, root);
}
