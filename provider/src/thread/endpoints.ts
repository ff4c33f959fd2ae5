import type { Client } from "../dashscope/client";
import type { Endpoint } from "../dashscope/url";
import { listStrings, type RemoteObject, RemoteObjects, toStorable } from "../resource/remoteObjects";
import * as z from "../zod";
import type { ThreadMessageInput } from "./schema";

/** The calls on threads. */
export const threads = new RemoteObjects({
  noun: "thread",
  api: "native",
  collection: "threads",
  exampleId: "thread_1a2b",
});

/** What is sent to create a thread. An empty one is allowed. */
export interface NewThread {
  readonly messages?: readonly ThreadMessageInput[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A message of a thread as DashScope answers it. */
export interface RemoteMessage {
  readonly id: string;
  readonly role: string;
  /** The parts of the content. Only those of the type `text` have a `text`. */
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly fileIds: readonly string[];
  /** The whole message as it was answered. */
  readonly answered: unknown;
}

/** A page of a thread's messages. */
export interface MessagePage {
  readonly messages: readonly RemoteMessage[];
  readonly hasMore: boolean;
}

// A page has up to 100 messages, and no length of a message is documented.
const pageLimit = 64 * 1024 * 1024;

const textPart = z.object({ type: z.literal("text"), text: z.object({ value: z.string() }) });
const otherPart = z.object({ type: z.string() });
const messageBody = z.object({
  id: z.string(),
  role: z.string(),
  content: z.unknown(),
  file_ids: z.optional(z.unknown()),
});
const pageBody = z.object({ data: z.array(z.unknown()), has_more: z.boolean() });

/**
 * Creates a thread: `POST /threads`.
 *
 * @throws CreateUncertainError if it isn't known whether a thread was created
 */
export function createThread(client: Client, endpoint: Endpoint, thread: NewThread): Promise<RemoteObject> {
  const { messages = [], metadata } = thread;
  const body = {
    ...(messages.length > 0 && {
      messages: messages.map(({ fileIds, ...message }) => ({
        ...message,
        ...(fileIds && { file_ids: fileIds }),
      })),
    }),
    ...(metadata && { metadata }),
  };
  return threads.create(client, endpoint, body, listConfidential(thread));
}

/**
 * Lists a page of a thread's messages: `GET /threads/{id}/messages`.
 *
 * @param after the ID of the last message of the page before
 */
export function listMessages(
  client: Client,
  endpoint: Endpoint,
  id: string,
  { order, after }: { readonly order: "asc" | "desc"; readonly after?: string | undefined },
): Promise<MessagePage> {
  return client.perform(
    {
      action: `list the messages of thread ${id}`,
      api: "native",
      method: "GET",
      path: [...threads.buildPath(id), "messages"],
      query: { order, limit: "100", ...(after !== undefined && { after }) },
      answerLimit: pageLimit,
      confidential: [],
      read: readPage,
    },
    endpoint,
  );
}

/** Lists the strings of a thread that an error must not show: message contents and metadata values. */
export function listConfidential({
  messages,
  metadata,
}: {
  messages?: unknown;
  metadata?: unknown;
}): string[] {
  return listStrings([messages, metadata]).filter((text) => text !== "user" && text !== "assistant");
}

function readPage(body: unknown): MessagePage | undefined {
  const { success, data } = pageBody.safeParse(body);
  if (!success) return undefined;
  const messages = data.data.map(readMessage);
  // A page that says that there's more, but is empty, would be asked for forever.
  if (messages.length === 0 && data.has_more) return undefined;
  const known = messages.filter((message) => message !== undefined);
  return known.length === messages.length ? { messages: known, hasMore: data.has_more } : undefined;
}

function readMessage(answered: unknown): RemoteMessage | undefined {
  const { success, data } = messageBody.safeParse(answered);
  if (!success) return undefined;
  const { id, role, content, file_ids } = data;
  return {
    id: toStorable(id),
    role,
    content: (Array.isArray(content) ? content : [content]).map(readPart),
    fileIds: Array.isArray(file_ids) ? file_ids.filter((file) => typeof file === "string") : [],
    answered,
  };
}

/** A content that's a string is one text, as in a create. */
function readPart(part: unknown): RemoteMessage["content"][number] {
  if (typeof part === "string") return { type: "text", text: part };
  const text = textPart.safeParse(part);
  if (text.success) return { type: "text", text: text.data.text.value };
  return { type: otherPart.safeParse(part).data?.type ?? "unknown" };
}
