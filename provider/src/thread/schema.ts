import { isDeepStrictEqual } from "node:util";
import type { ObjectState } from "../resource/record";
import { isStorableKey, objectId } from "../resource/remoteObjects";
import { unknown } from "../resource/unknown";
import { expectObject, selectSet, validate } from "../resource/validation";
import * as z from "../zod";

// Each schema's error is the end of a sentence: "`property` must be …".
const string = () => z.string("a string");
const metadataKey = z.string("a string").check(z.refine(isStorableKey, "a string that isn't empty"));
const metadata = z.record(metadataKey, string(), 'an object with string values, such as { team: "support" }');

const message = z.strictObject(
  {
    role: z.enum(["user", "assistant"], '"user" or "assistant"'),
    content: z.string("a string").check(z.minLength(1, "a string that isn't empty")),
    fileIds: z.exactOptional(z.array(string(), "an array of file IDs")),
    metadata: z.exactOptional(metadata),
  },
  { error: expectObject('an object such as { role: "user", content: "Hello" }') },
);

/** The arguments of one thread, alone or in a set. */
export const threadArguments = {
  messages: z.exactOptional(z.array(message, "an array of messages")),
  metadata: z.exactOptional(metadata),
  adoptId: z.exactOptional(
    z
      .string("the ID of an existing thread")
      .check(z.regex(objectId, "the ID of an existing thread, such as thread_1a2b")),
  ),
};

const inputs = z.strictObject(
  {
    ...threadArguments,
    workspace: z.exactOptional(string()),
  },
  { error: expectObject("an object with the arguments of a `Thread`") },
);

/** The checked inputs of a thread. The check adds `baseUrl`. */
export type ThreadInputs = z.infer<typeof inputs> & { readonly baseUrl?: string };

/** A message that a thread begins with. */
export type ThreadMessageInput = z.infer<typeof message>;

/** The recorded outputs of a thread. Nothing is certain to be there, because later versions read what earlier ones wrote. */
export interface ThreadState extends ObjectState {
  readonly messages?: readonly ThreadMessageInput[];
}

/** Validates the arguments of a program, after {@link normalizeInputs}. Returns one sentence for each wrong property. */
export function validateInputs(given: unknown) {
  const { inputs: valid, problems } = validate(inputs, given, (path) =>
    path.length === 0
      ? "a `Thread`, which has `messages`, `metadata`, `workspace` and `adoptId`"
      : "a message, which has `role`, `content`, `fileIds` and `metadata`",
  );
  // An `adoptId` that isn't known yet may resolve to nothing.
  if (valid?.adoptId !== undefined && valid.adoptId !== unknown && (valid.messages?.length ?? 0) > 0) {
    return {
      problems: [
        "`adoptId` and `messages` can't be set together, because an existing thread keeps the messages that it has. Remove one of them.",
      ],
    };
  }
  return { ...(valid && { inputs: valid }), problems };
}

/** Removes what isn't set: `null` anywhere in messages, empty `metadata` and `fileIds` of a message, and empty strings at the top. */
export function normalizeInputs(given: unknown): Record<string, unknown> {
  const { messages, ...set } = selectSet(given, "workspace", "adoptId");
  return { ...(messages !== undefined && { messages: normalizeMessages(messages) }), ...set };
}

/** Removes from messages what makes no difference to DashScope. They may be unknown as a whole. */
export function normalizeMessages(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  return messages.map((one) => {
    if (typeof one !== "object" || one === null || Array.isArray(one)) return one;
    return Object.fromEntries(
      Object.entries(one).filter(
        ([key, value]) =>
          value !== undefined &&
          value !== null &&
          !((key === "metadata" || key === "fileIds") && isEmpty(value)),
      ),
    );
  });
}

/** Whether two lists of messages mean the same to DashScope. They may be unknown as a whole. */
export function equalMessages(one: unknown = [], other: unknown = []): boolean {
  return isDeepStrictEqual(normalizeMessages(one), normalizeMessages(other));
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
