import { threadId } from "../dashscope/threadId";
import * as z from "../zod";

// Each schema's error is the end of a sentence: "<property> must be …".
const text = () => z.string("a string");
const metadata = z.record(z.string(), text(), 'a map of strings, such as { team: "support" }');

const message = z.strictObject(
  {
    role: z.enum(["user", "assistant"], '"user" or "assistant"'),
    content: text(),
    fileIds: z.exactOptional(z.array(text(), "a list of file ids")),
    metadata: z.exactOptional(metadata),
  },
  { error: nested('a message such as { role: "user", content: "Hello" }') },
);

const inputs = z.strictObject(
  {
    messages: z.exactOptional(z.array(message, "a list of messages")),
    metadata: z.exactOptional(metadata),
    workspace: z.exactOptional(text()),
    adoptId: z.exactOptional(
      z
        .string("the id of an existing thread")
        .check(z.regex(threadId, "the id of an existing thread, such as thread_1a2b")),
    ),
    // No argument of a program: `ignoreChanges` puts the recorded one back.
    baseUrl: z.exactOptional(text()),
  },
  { error: nested("the arguments of a Thread") },
);

/** What a program declares of a thread, checked; `baseUrl` is filled in from the configuration. */
export type ThreadInputs = z.infer<typeof inputs>;

/**
 * What is recorded of a thread, all of it storable by the engine. Nothing is certain to be there: later versions read what
 * earlier ones wrote.
 */
export interface ThreadState {
  /** Where it lives; a state without it lives at the configured place. */
  readonly baseUrl?: string;
  readonly workspace?: string;
  readonly messages?: NonNullable<ThreadInputs["messages"]>;
  /** The live metadata, declared or not. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  /** Of the last write. */
  readonly requestId?: string;
  /**
   * Set when the program declares no metadata, so that `read`, which is not told the inputs, does not take the live
   * metadata for declared. Pulumi hides keys that begin with two underscores.
   */
  readonly __metadataUndeclared?: true;
}

/** One wrong property of a program, and a whole sentence on it that shows no value. */
export interface Problem {
  /** Where in the arguments: `["messages", 0, "role"]`. */
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

/** Checks arguments; what is not of the contract comes back as one sentence a property. */
export function checkInputs(given: unknown): { inputs?: ThreadInputs; problems: Problem[] } {
  const result = inputs.safeParse(given);
  if (!result.success) return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, given)) };
  const { adoptId, messages } = result.data;
  if (adoptId !== undefined && messages !== undefined && messages.length > 0) {
    const sentence =
      "adoptId and messages cannot stand together: an existing thread keeps the messages it has.";
    return { problems: [{ path: ["adoptId"], sentence }] };
  }
  return { inputs: result.data, problems: [] };
}

type Issue = z.core.$ZodIssue;

function nested(expected: string) {
  return (issue: { code?: string }) => (issue.code === "unrecognized_keys" ? undefined : expected);
}

function problemsOf(issue: Issue, given: unknown): Problem[] {
  const path = issue.path;
  if (issue.code === "unrecognized_keys") {
    const owner =
      path.length === 0
        ? "a Thread, which has messages, metadata, workspace and adoptId"
        : "a message, which has role, content, fileIds and metadata";
    return issue.keys.map((key) => ({
      path: [...path, key],
      sentence: `${named([...path, key])} is not an argument of ${owner}.`,
    }));
  }
  const value = path.reduce<unknown>((holder, key) => (isObject(holder) ? holder[key] : undefined), given);
  return [
    { path, sentence: `${named(path)} must be ${issue.message}, but is ${kindOf(value, issue.code)}.` },
  ];
}

function named(path: readonly PropertyKey[]): string {
  return path
    .map(String)
    .map((key, at) => {
      if (/^\d+$/.test(key)) return `[${key}]`;
      if (!/^[\w-]{1,64}$/.test(key))
        return `[${JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key)}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join("");
}

/** What a value is, never the value: it may be a message or a secret. */
function kindOf(value: unknown, code: Issue["code"]): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (value === "") return "an empty string";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" || typeof value === "boolean") return `a ${typeof value}`;
  if (typeof value === "string") return code === "invalid_type" ? "a string" : "another string";
  return "an object";
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}
