import { quotePath } from "../dashscope/quote";
import type * as z from "../zod";
import { isUnknownAt } from "./unknown";

type Issue = z.core.$ZodIssue;

/**
 * Returns the properties that are set. `undefined` and `null` mean "not set", and so does an empty string of the properties that are
 * named.
 */
export function selectSet(given: unknown, ...names: string[]): Record<string, unknown> {
  const properties = Object.entries(typeof given === "object" && given !== null ? given : {});
  return Object.fromEntries(
    properties.filter(
      ([key, value]) => value !== undefined && value !== null && !(value === "" && names.includes(key)),
    ),
  );
}

/** Adds `expected` to a schema as the end of a sentence, but leaves the message on unknown keys alone. */
export function expectObject(expected: string) {
  return (issue: { code?: string }) => (issue.code === "unrecognized_keys" ? undefined : expected);
}

/**
 * Validates inputs. A property that isn't known yet can't be wrong.
 *
 * @param schema a schema whose error messages are the ends of the sentence "`property` must be …"
 * @param describeOwner says what has which arguments, for a key that isn't one: "a `Thread`, which has `messages`"
 */
export function validate<T>(
  schema: z.ZodMiniType<T>,
  given: unknown,
  describeOwner: (path: readonly PropertyKey[]) => string,
): { readonly inputs?: T; readonly problems: readonly string[] } {
  const result = schema.safeParse(given);
  if (result.success) return { inputs: result.data, problems: [] };
  const problems = result.error.issues
    .filter(({ path }) => !isUnknownAt(given, path))
    .flatMap((issue) => describeIssue(issue, given, describeOwner));
  return { problems };
}

function describeIssue(
  issue: Issue,
  given: unknown,
  describeOwner: (path: readonly PropertyKey[]) => string,
): string[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map(
      (key) => `${quotePath([...path, key])} isn't an argument of ${describeOwner(path)}.`,
    );
  }
  // A key of a record has an issue of its own, whose path ends with the key.
  if (issue.code === "invalid_key") {
    return [`A key of ${quotePath(path.slice(0, -1))} must be ${issue.issues[0]?.message ?? "a string"}.`];
  }
  const value = path.reduce<unknown>((holder, key) => (isObject(holder) ? holder[key] : undefined), given);
  return [`${quotePath(path)} must be ${issue.message}, but it's ${describeKind(value, issue.code)}.`];
}

/** Says what a value is, never the value: it may be a message or a secret. */
function describeKind(value: unknown, code: Issue["code"]): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (value === "") return "an empty string";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number" || typeof value === "boolean") return `a ${typeof value}`;
  if (typeof value === "string") return code === "invalid_type" ? "a string" : "another string";
  return "an object";
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}
