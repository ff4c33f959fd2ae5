import type { Client } from "../dashscope/client";
import type { Endpoint } from "../dashscope/url";
import type { Metadata } from "../resource/metadata";
import { type RemoteObject, RemoteObjects, toStorable } from "../resource/remoteObjects";
import * as z from "../zod";
import { formatItem, type Item } from "./item";

/** The calls on conversations. */
export const conversations = new RemoteObjects({
  noun: "conversation",
  api: "compatible",
  collection: "conversations",
  exampleId: "conv_1a2b",
});

/** The most items that one call adds. */
export const batchSize = 20;

/** An item as DashScope answers it. */
export interface RemoteItem {
  readonly id: string;
  readonly role: string;
  /** The text of each part. */
  readonly parts: readonly string[];
}

// A page has up to 100 items, and no length of an item is documented.
const pageLimit = 64 * 1024 * 1024;

const part = z.object({ text: z.string() });
const itemBody = z.object({ id: z.string(), role: z.string(), content: z.unknown() });
const pageBody = z.object({ data: z.array(itemBody), has_more: z.optional(z.boolean()) });

/**
 * Creates a conversation with its first items: `POST /conversations`.
 *
 * @throws CreateUncertainError if it isn't known whether a conversation was created
 */
export function createConversation(
  client: Client,
  endpoint: Endpoint,
  { items, metadata = {} }: { readonly items: readonly Item[]; readonly metadata?: Metadata | undefined },
): Promise<RemoteObject> {
  const body = {
    ...(items.length > 0 && { items: items.map(formatItem) }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
  return conversations.create(client, endpoint, body, [...listTexts(items), ...Object.values(metadata)]);
}

/** Adds items: `POST /conversations/{id}/items`. Returns the ID of the last one, if DashScope answers it. */
export async function addItems(
  client: Client,
  endpoint: Endpoint,
  id: string,
  items: readonly Item[],
): Promise<string | undefined> {
  const added = await client.perform(
    {
      action: `add items to conversation ${id}`,
      api: "compatible",
      method: "POST",
      path: [...conversations.buildPath(id), "items"],
      adds: true,
      body: { items: items.map(formatItem) },
      confidential: listTexts(items),
      answerLimit: pageLimit,
      read: (body) => pageBody.safeParse(body).data,
    },
    endpoint,
  );
  const last = added.data.at(-1);
  return last && toStorable(last.id);
}

/** Lists all items, oldest first: `GET /conversations/{id}/items`, page by page. */
export async function listItems(
  client: Client,
  endpoint: Endpoint,
  id: string,
  confidential: readonly string[],
): Promise<RemoteItem[]> {
  const items: RemoteItem[] = [];
  let after: string | undefined;
  do {
    const { data, has_more } = await client.perform(
      {
        action: `list the items of conversation ${id}`,
        api: "compatible",
        method: "GET",
        path: [...conversations.buildPath(id), "items"],
        // What `after` means with the other order is documented in contradictory ways.
        query: { order: "asc", limit: "100", ...(after !== undefined && { after }) },
        confidential,
        answerLimit: pageLimit,
        read: (body) => pageBody.safeParse(body).data,
      },
      endpoint,
    );
    items.push(
      ...data.map(({ id: itemId, role, content }) => ({
        id: toStorable(itemId),
        role,
        parts: readParts(content),
      })),
    );
    const last = data.at(-1)?.id;
    // A server that ignores `after` would answer the same page forever.
    after = has_more === true && last !== after ? last : undefined;
  } while (after !== undefined);
  return items;
}

/** The text of all items, which an error must not show. */
export function listTexts(items: readonly Item[]): string[] {
  return items.flatMap(({ parts }) => parts);
}

function readParts(content: unknown): string[] {
  if (typeof content === "string") return [content];
  return Array.isArray(content) ? content.flatMap((one) => part.safeParse(one).data?.text ?? []) : [];
}
