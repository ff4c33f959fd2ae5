import * as z from "../zod";
import type { Client } from "./client";
import { ConfigurationError, ThreadGoneError } from "./errors";
import type { Place } from "./place";
import { threadId } from "./threadId";

/** A message as `POST /threads` takes it. */
export interface NewMessage {
  readonly role: string;
  readonly content: string;
  readonly file_ids?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What is sent to create a thread; an empty one is legal. */
export interface NewThread {
  readonly messages?: readonly NewMessage[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What DashScope says of a thread; fields we do not know are left behind (some answers carry secrets). */
export interface RemoteThread {
  readonly id: string;
  /** Milliseconds since the epoch; absent when the answer has none. */
  readonly createdAt?: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Absent when neither the body nor the header has one. */
  readonly requestId?: string;
}

const threadBody = z.object({
  id: z.string().check(z.regex(threadId)),
  created_at: z.optional(z.unknown()),
  metadata: z.optional(z.unknown()),
});

/**
 * The thread endpoints. Each call names the place it goes to, since a thread is bound to where it was created, and may name
 * confidential texts that the server knows and an error must not show.
 */
export class Threads {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** `POST /threads`: at most one thread is made; @throws CreateUncertainError when it cannot be known whether one was. */
  async create(place: Place, thread: NewThread): Promise<RemoteThread> {
    return this.#client.perform(
      {
        action: "create a thread",
        method: "POST",
        path: ["threads"],
        body: thread,
        repeatable: false,
        confidential: [
          ...(thread.messages ?? []).flatMap((message) => [
            message.content,
            ...Object.values(message.metadata ?? {}),
          ]),
          ...Object.values(thread.metadata ?? {}),
        ],
        read: remoteThread,
      },
      place,
    );
  }

  /** `GET /threads/{id}`: `undefined` when DashScope says that the thread is gone. */
  async retrieve(
    place: Place,
    id: string,
    confidential: readonly string[] = [],
  ): Promise<RemoteThread | undefined> {
    return goneIsUndefined(
      this.#client.perform(
        {
          action: `read thread ${id}`,
          method: "GET",
          path: pathOf(id),
          repeatable: true,
          confidential,
          read: sameThread(id),
        },
        place,
      ),
    );
  }

  /** `POST /threads/{id}` with the whole wanted map, so that a repetition changes nothing; @throws ThreadGoneError */
  async update(
    place: Place,
    id: string,
    metadata: Readonly<Record<string, string>>,
    confidential: readonly string[] = [],
  ): Promise<RemoteThread> {
    return this.#client.perform(
      {
        action: `update thread ${id}`,
        method: "POST",
        path: pathOf(id),
        body: { metadata },
        repeatable: true,
        confidential: [...confidential, ...Object.values(metadata)],
        read: sameThread(id),
      },
      place,
    );
  }

  /** `DELETE /threads/{id}`; a thread that is already gone is deleted. */
  async delete(place: Place, id: string, confidential: readonly string[] = []): Promise<void> {
    await goneIsUndefined(
      this.#client.perform(
        {
          action: `delete thread ${id}`,
          method: "DELETE",
          path: pathOf(id),
          repeatable: true,
          confidential,
          read: deleted,
        },
        place,
      ),
    );
  }
}

/** Below the base URL. */
function pathOf(id: string): readonly string[] {
  if (threadId.test(id)) return ["threads", id];
  throw new ConfigurationError(
    "The id of a thread must be one such as thread_1a2b, of letters, digits, - and _, but is another text.",
  );
}

async function goneIsUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ThreadGoneError) return undefined;
    throw error;
  }
}

/** Tolerant in everything but the id: a thread that exists must not be lost to an odd answer. */
function remoteThread(body: unknown, requestId: string | undefined): RemoteThread | undefined {
  const { success, data } = threadBody.safeParse(body);
  if (!success) return undefined;
  const createdAt = numberOf(data.created_at);
  return {
    id: data.id,
    ...(Number.isFinite(createdAt) && { createdAt }),
    metadata: metadataOf(data.metadata),
    ...(requestId !== undefined && { requestId }),
  };
}

/** Of a number, also written as a text; else NaN. */
function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
}

function sameThread(id: string) {
  return (body: unknown, requestId: string | undefined) => {
    const thread = remoteThread(body, requestId);
    return thread?.id === id ? thread : undefined;
  };
}

const deletion = z.object({ deleted: z.literal(true) });

function deleted(body: unknown): true | undefined {
  return deletion.safeParse(body).success || undefined;
}

/** Absent and null are `{}`; a value that is not text is kept as its JSON, since the API documents no type for it. */
function metadataOf(metadata: unknown): Record<string, string> {
  if (typeof metadata !== "object" || metadata === null) return {};
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      storable(key),
      storable(typeof value === "string" ? value : JSON.stringify(value)),
    ]),
  );
}

/** JSON can hold halves of characters, which protobuf leaves out without a word: what is recorded would differ for ever. */
function storable(text: string): string {
  return text.toWellFormed();
}
