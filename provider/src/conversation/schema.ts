import { isDeepStrictEqual } from "node:util";
import { quoteKeys, quotePath } from "../dashscope/quote";
import type { Endpoint } from "../dashscope/url";
import type { Metadata } from "../resource/metadata";
import type { ObjectState } from "../resource/record";
import { isStorableKey, objectId } from "../resource/remoteObjects";
import { hasUnknown, unknown } from "../resource/unknown";
import { expectObject, selectSet, validate } from "../resource/validation";
import * as z from "../zod";

// Documented limits.
const mostPairs = 16;
const longestKey = 64;
const longestValue = 512;
const mostKeptItems = 100;

// Each schema's error is the end of a sentence: "`property` must be …".
const existing = (noun: string, example: string) =>
  z
    .string(`the ID of an existing ${noun}`)
    .check(z.regex(objectId, `the ID of an existing ${noun}, such as ${example}`));

const item = z.strictObject(
  {
    role: z.enum(
      ["user", "assistant", "system", "developer"],
      '"user", "assistant", "system" or "developer"',
    ),
    content: z.string("a string").check(z.minLength(1, "a string that isn't empty")),
  },
  { error: expectObject('an object such as { role: "user", content: "Hello" }') },
);

const inputs = z.strictObject(
  {
    items: z.exactOptional(z.array(item, "an array of items")),
    metadata: z.exactOptional(
      z.record(
        z.string("a string").check(z.refine(isStorableKey, "a string that isn't empty")),
        z.string("a string"),
        'an object with string values, such as { team: "support" }',
      ),
    ),
    workspace: z.exactOptional(z.string("a string")),
    adoptId: z.exactOptional(existing("conversation", "conv_1a2b")),
    fromThread: z.exactOptional(existing("thread", "thread_1a2b")),
  },
  { error: expectObject("an object with the arguments of a `Conversation`") },
);

/** The checked inputs of a conversation. The check adds `baseUrl`. */
export type ConversationInputs = z.infer<typeof inputs> & { readonly baseUrl?: string };

/** An item that a conversation begins with. */
export type ConversationItemInput = z.infer<typeof item>;

/** The recorded outputs of a conversation. */
export interface ConversationState extends ObjectState {
  readonly items?: readonly ConversationItemInput[];
  /** The thread that the conversation was copied from. */
  readonly fromThread?: string;
  /** Set if the creation couldn't be completed. An update continues it. */
  readonly __unfinished?: UnfinishedCreation;
}

/** What a creation left to do. */
export interface UnfinishedCreation {
  /** How many items DashScope confirmed. */
  readonly confirmed: number;
  /** The ID of the last item that DashScope confirmed, if it answered one. */
  readonly lastItem?: string;
  /** What is copied, if the conversation is one of a thread. */
  readonly copy?: ThreadCopy;
  /** The thread's metadata, if DashScope didn't confirm the copy. */
  readonly metadata?: Metadata;
}

/** What is copied from a thread. It's chosen once, so that an interrupted copy continues with the same messages. */
export interface ThreadCopy {
  readonly threadId: string;
  readonly endpoint: Endpoint;
  /** The IDs of the messages, oldest first. */
  readonly messages: readonly string[];
}

/** Validates the arguments of a program, after {@link normalizeConversation}. Returns one sentence for each wrong property. */
export function validateConversation(given: Readonly<Record<string, unknown>>) {
  const { inputs: valid, problems } = validate(inputs, given, (path) =>
    path.length === 0
      ? "a `Conversation`, which has `items`, `metadata`, `workspace`, `adoptId` and `fromThread`"
      : "an item, which has `role` and `content`",
  );
  const all = [
    ...problems,
    ...listExcessItems(given["items"]),
    ...listExcessMetadata(given["metadata"]),
    ...listConflicts(given),
  ];
  return { ...(valid && all.length === 0 && { inputs: valid }), problems: all };
}

function listExcessItems(items: unknown): string[] {
  if (!Array.isArray(items) || items.length <= mostKeptItems) return [];
  return [
    `\`items\` must have at most ${mostKeptItems} items, because a conversation keeps only the newest ${mostKeptItems}, but it has ${items.length}.`,
  ];
}

/** Names what exceeds the documented limits of a conversation's metadata, one sentence each. */
export function listExcessMetadata(metadata: unknown): string[] {
  if (typeof metadata !== "object" || metadata === null) return [];
  const pairs = Object.entries(metadata);
  const longKeys = pairs.map(([key]) => key).filter((key) => countCharacters(key) > longestKey);
  return [
    ...(pairs.length > mostPairs
      ? [`\`metadata\` must have at most ${mostPairs} keys, but it has ${pairs.length}.`]
      : []),
    ...(longKeys.length > 0
      ? [
          `The keys of \`metadata\` must have at most ${longestKey} characters. Shorten ${quoteKeys(longKeys)}.`,
        ]
      : []),
    ...pairs.flatMap(([key, value]) =>
      typeof value === "string" && countCharacters(value) > longestValue
        ? [
            `${quotePath(["metadata", key])} must have at most ${longestValue} characters, but it has ${countCharacters(value)}.`,
          ]
        : [],
    ),
  ];
}

function countCharacters(text: string): number {
  return [...text].length;
}

/** An argument that isn't known yet may resolve to nothing, so it conflicts with none. */
function listConflicts({ items, adoptId, fromThread }: Readonly<Record<string, unknown>>): string[] {
  const adopts = adoptId !== undefined && adoptId !== unknown;
  const copies = fromThread !== undefined && fromThread !== unknown;
  const hasItems = Array.isArray(items) && items.length > 0;
  return [
    ...(adopts && hasItems
      ? [
          "`adoptId` and `items` can't be set together, because an existing conversation keeps the items that it has. Remove one of them.",
        ]
      : []),
    ...(adopts && copies
      ? [
          "`adoptId` and `fromThread` can't be set together, because an existing conversation keeps the items that it has. Remove one of them.",
        ]
      : []),
    ...(copies && hasItems
      ? [
          "`fromThread` and `items` can't be set together, because the items are the thread's messages. Remove one of them.",
        ]
      : []),
  ];
}

/** Removes what isn't set: `null` anywhere, and empty strings at the top. */
export function normalizeConversation(given: unknown): Record<string, unknown> {
  const { items, ...set } = selectSet(given, "workspace", "adoptId", "fromThread");
  if (items === undefined) return set;
  return {
    items: Array.isArray(items) ? items.map(normalizeItem) : items,
    ...set,
  };
}

function normalizeItem(one: unknown): unknown {
  return typeof one === "object" && one !== null && !Array.isArray(one) ? selectSet(one) : one;
}

/** Whether two lists of items are equal. An empty list equals no list. They may be unknown as a whole. */
export function equalItems(one: unknown = [], other: unknown = []): boolean {
  return isDeepStrictEqual(one, other);
}

/** The inputs whose change replaces a recorded conversation. What isn't known yet doesn't count. */
export function listReplacingInputs(
  olds: Pick<ConversationInputs, "items" | "adoptId" | "fromThread">,
  news: ConversationInputs,
): string[] {
  const changesId = (name: "adoptId" | "fromThread") =>
    news[name] !== undefined && news[name] !== olds[name] && !hasUnknown(news[name]);
  return [
    ...(!hasUnknown(news.items) && !equalItems(olds.items, news.items) ? ["items"] : []),
    ...(changesId("adoptId") ? ["adoptId"] : []),
    ...(changesId("fromThread") ? ["fromThread"] : []),
  ];
}
