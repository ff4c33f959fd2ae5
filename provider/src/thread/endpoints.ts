import type { Client } from "../dashscope/client";
import { ConfigurationError } from "../dashscope/errors";
import type { Endpoint } from "../dashscope/url";
import * as z from "../zod";
import { isStorableKey, type ThreadMessageInput, threadId } from "./schema";

/** What is sent to create a thread. An empty one is allowed. */
export interface NewThread {
  readonly messages?: readonly ThreadMessageInput[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A thread as DashScope answers it, without unknown fields: some answers contain secrets. */
export interface RemoteThread {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly requestId?: string;
}

// A value of metadata that isn't a string is kept as JSON, up to this length.
const mostJson = 10_000;

const threadBody = z.object({
  id: z.string().check(z.regex(threadId)),
  created_at: z.optional(z.unknown()),
  metadata: z.optional(z.unknown()),
});
const deletionBody = z.object({ deleted: z.literal(true) });

/**
 * Creates a thread: `POST /threads`.
 *
 * @throws CreateUncertainError if it isn't known whether a thread was created
 */
export function createThread(client: Client, endpoint: Endpoint, thread: NewThread): Promise<RemoteThread> {
  const { messages = [], metadata } = thread;
  return client.perform(
    {
      action: "create a thread",
      method: "POST",
      path: ["threads"],
      creates: "thread",
      body: {
        ...(messages.length > 0 && {
          messages: messages.map(({ fileIds, ...message }) => ({
            ...message,
            ...(fileIds && { file_ids: fileIds }),
          })),
        }),
        ...(metadata && { metadata }),
      },
      confidential: listConfidential(thread),
      read: readThread,
    },
    endpoint,
  );
}

/**
 * Fetches a thread: `GET /threads/{id}`.
 *
 * @param confidential what the server knows and an error must not show
 */
export function fetchThread(
  client: Client,
  endpoint: Endpoint,
  id: string,
  confidential: readonly string[] = [],
): Promise<RemoteThread> {
  return client.perform(
    {
      action: `read thread ${id}`,
      method: "GET",
      path: buildPath(id),
      confidential,
      read: (body, requestId) => readThreadWithId(id, body, requestId),
    },
    endpoint,
  );
}

/** Updates the metadata: `POST /threads/{id}` with the whole map, so that sending it twice changes nothing. */
export function updateThread(
  client: Client,
  endpoint: Endpoint,
  id: string,
  metadata: Readonly<Record<string, string>>,
  confidential: readonly string[] = [],
): Promise<RemoteThread> {
  return client.perform(
    {
      action: `update thread ${id}`,
      method: "POST",
      path: buildPath(id),
      body: { metadata },
      confidential: [...confidential, ...Object.values(metadata)],
      read: (body, requestId) => readThreadWithId(id, body, requestId),
    },
    endpoint,
  );
}

/** Deletes a thread: `DELETE /threads/{id}`. */
export function deleteThread(
  client: Client,
  endpoint: Endpoint,
  id: string,
  confidential: readonly string[] = [],
): Promise<true> {
  return client.perform(
    {
      action: `delete thread ${id}`,
      method: "DELETE",
      path: buildPath(id),
      confidential,
      read: (body) => deletionBody.safeParse(body).success || undefined,
    },
    endpoint,
  );
}

/** Lists the strings of a thread that an error must not show: message texts and metadata values. */
export function listConfidential({
  messages,
  metadata,
}: {
  messages?: unknown;
  metadata?: unknown;
}): string[] {
  return listStrings([messages, metadata]).filter((text) => text !== "user" && text !== "assistant");
}

function listStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listStrings) : [];
}

function buildPath(id: string): readonly string[] {
  if (threadId.test(id)) return ["threads", id];
  throw new ConfigurationError(
    "A thread ID must consist of letters, digits, `-` and `_`, such as thread_1a2b. Correct the ID.",
  );
}

/** Tolerates everything but a wrong ID: an odd answer must not lose a thread that exists. */
function readThread(body: unknown, requestId: string | undefined): RemoteThread | undefined {
  const { success, data } = threadBody.safeParse(body);
  if (!success) return undefined;
  const createdAt = readNumber(data.created_at);
  return {
    id: data.id,
    ...(Number.isFinite(createdAt) && { createdAt }),
    metadata: readMetadata(data.metadata),
    ...(requestId !== undefined && { requestId }),
  };
}

function readThreadWithId(
  id: string,
  body: unknown,
  requestId: string | undefined,
): RemoteThread | undefined {
  const thread = readThread(body, requestId);
  return thread?.id === id ? thread : undefined;
}

/** A number, also one that's written as a string. Otherwise NaN. */
function readNumber(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
}

/** Absent and null are `{}`. A value that isn't a string is kept as its JSON, because the API documents no type for it. */
function readMetadata(metadata: unknown): Record<string, string> {
  if (typeof metadata !== "object" || metadata === null) return {};
  return Object.fromEntries(
    Object.entries(metadata)
      .filter(([key]) => isStorableKey(key))
      .map(([key, value]) => [
        toStorable(key),
        toStorable(typeof value === "string" ? value : toJson(value)),
      ]),
  );
}

function toJson(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? "null").slice(0, mostJson);
  } catch {
    return "(nested too deeply)";
  }
}

/** JSON can contain halves of characters. Protobuf drops them silently, and the recorded value would differ permanently. */
function toStorable(text: string): string {
  return text.toWellFormed();
}
