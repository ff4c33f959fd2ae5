import type { Client } from "../dashscope/client";
import { ConfigurationError } from "../dashscope/errors";
import type { Api, Endpoint } from "../dashscope/url";
import * as z from "../zod";

/** The characters of an ID, such as `thread_e99a9fe7-0433-426f-98ad-a5139c36579c`. Others, such as `..`, would lead elsewhere. */
export const objectId = /^[\w-]{1,200}$/;

// Pulumi marks secrets and assets with this key, so an object that has it can't be stored.
const signatureKey = "4dabf18193072939515e22adb298388d";

// A value of metadata that isn't a string is kept as JSON, up to this length.
const mostJson = 10_000;

const objectBody = z.object({
  id: z.string().check(z.regex(objectId)),
  created_at: z.optional(z.unknown()),
  metadata: z.optional(z.unknown()),
});
const deletionBody = z.object({ deleted: z.literal(true) });

/** A thread or a conversation as DashScope answers it, without unknown fields: some answers contain secrets. */
export interface RemoteObject {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly requestId?: string;
}

/** What tells one kind of objects from another. */
interface Kind {
  /** For messages: `thread`. */
  readonly noun: string;
  readonly api: Api;
  /** The first segment of the path: `threads`. */
  readonly collection: string;
  /** An ID for messages: `thread_1a2b`. */
  readonly exampleId: string;
}

/** The calls that threads and conversations have in common: objects with metadata, without a list. */
export class RemoteObjects {
  readonly kind: Kind;

  constructor(kind: Kind) {
    this.kind = kind;
  }

  /**
   * Creates an object: `POST /threads`.
   *
   * @param confidential what an error must not show if a server repeats it
   * @throws CreateUncertainError if it isn't known whether an object was created
   */
  create(
    client: Client,
    endpoint: Endpoint,
    body: object,
    confidential: readonly string[],
  ): Promise<RemoteObject> {
    const { noun, api, collection } = this.kind;
    return client.perform(
      {
        action: `create a ${noun}`,
        api,
        method: "POST",
        path: [collection],
        creates: noun,
        body,
        confidential,
        read: readObject,
      },
      endpoint,
    );
  }

  /**
   * Fetches an object: `GET /threads/{id}`.
   *
   * @param confidential what the server knows and an error must not show
   */
  fetch(
    client: Client,
    endpoint: Endpoint,
    id: string,
    confidential: readonly string[] = [],
  ): Promise<RemoteObject> {
    const { noun, api } = this.kind;
    return client.perform(
      {
        action: `read ${noun} ${id}`,
        api,
        method: "GET",
        path: this.buildPath(id),
        confidential,
        read: (body, requestId) => readObjectWithId(id, body, requestId),
      },
      endpoint,
    );
  }

  /** Updates the metadata: `POST /threads/{id}` with the whole map, so that sending it twice changes nothing. */
  update(
    client: Client,
    endpoint: Endpoint,
    id: string,
    metadata: Readonly<Record<string, string>>,
    confidential: readonly string[] = [],
  ): Promise<RemoteObject> {
    const { noun, api } = this.kind;
    return client.perform(
      {
        action: `update ${noun} ${id}`,
        api,
        method: "POST",
        path: this.buildPath(id),
        body: { metadata },
        confidential: [...confidential, ...Object.values(metadata)],
        read: (body, requestId) => readObjectWithId(id, body, requestId),
      },
      endpoint,
    );
  }

  /** Deletes an object: `DELETE /threads/{id}`. */
  delete(
    client: Client,
    endpoint: Endpoint,
    id: string,
    confidential: readonly string[] = [],
  ): Promise<true> {
    const { noun, api } = this.kind;
    return client.perform(
      {
        action: `delete ${noun} ${id}`,
        api,
        method: "DELETE",
        path: this.buildPath(id),
        confidential,
        read: (body) => deletionBody.safeParse(body).success || undefined,
      },
      endpoint,
    );
  }

  /**
   * Returns the path of an object.
   *
   * @throws ConfigurationError if the ID isn't one
   */
  buildPath(id: string): readonly string[] {
    const { noun, collection, exampleId } = this.kind;
    if (objectId.test(id)) return [collection, id];
    throw new ConfigurationError(
      `A ${noun} ID must consist of letters, digits, \`-\` and \`_\`, such as ${exampleId}. Correct the ID.`,
    );
  }
}

/** Whether Pulumi can store a key of an object. */
export function isStorableKey(key: string): boolean {
  return key !== "" && key !== signatureKey;
}

/** Replaces halves of characters, which JSON can contain. Protobuf drops them silently, and the recorded value would differ permanently. */
export function toStorable(text: string): string {
  return text.toWellFormed();
}

/** Lists all strings in a value, at any depth. */
export function listStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listStrings) : [];
}

/** Tolerates everything but a wrong ID: an odd answer must not lose an object that exists. */
function readObject(body: unknown, requestId: string | undefined): RemoteObject | undefined {
  const { success, data } = objectBody.safeParse(body);
  if (!success) return undefined;
  const createdAt = readNumber(data.created_at);
  return {
    id: data.id,
    ...(Number.isFinite(createdAt) && { createdAt }),
    metadata: readMetadata(data.metadata),
    ...(requestId !== undefined && { requestId }),
  };
}

function readObjectWithId(
  id: string,
  body: unknown,
  requestId: string | undefined,
): RemoteObject | undefined {
  const object = readObject(body, requestId);
  return object?.id === id ? object : undefined;
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
