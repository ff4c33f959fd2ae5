import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Behaviour } from "./behaviour";
import type { ConversationRecord, ConversationStore, StoredItem } from "./conversationStore";
import { type ConversationRequest, requireConversation, requireItemHolder } from "./conversations";
import { ApiError, InvalidParameter } from "./errors";
import { createItemsSchema } from "./itemInput";
import { pageQuerySchema } from "./paging";
import { BODY_ERROR, parseBody, parseQuery } from "./requestBody";

interface ConversationPath {
  Params: { conversationId: string };
}

interface ItemPath {
  Params: { conversationId: string; itemId: string };
}

/** Adds the four documented calls on a conversation's items. */
export function addItemRoutes(app: FastifyInstance, store: ConversationStore, behaviour: Behaviour): void {
  const createSchema = z.object({ items: createItemsSchema(behaviour) }, BODY_ERROR);

  app.post<ConversationPath>(
    "/conversations/:conversationId/items",
    { config: { verb: "createItems" } },
    async (request) => {
      const { items } = parseBody(request.body, createSchema);
      const conversation = requireConversation(request, store, behaviour);
      return formatItems(store.addItems(conversation, items), false);
    },
  );

  app.get<ConversationPath>(
    "/conversations/:conversationId/items",
    { config: { verb: "listItems" } },
    async (request) => {
      const query = parseQuery(request.query, pageQuerySchema.omit({ before: true }));
      const page = store.listItems(requireItemHolder(request, store, behaviour), query);
      if (page === undefined)
        throw new InvalidParameter("`after` must be the ID of an item in the conversation.");
      return { object: "list", ...formatItems(page.items, page.hasMore) };
    },
  );

  app.get<ItemPath>(
    "/conversations/:conversationId/items/:itemId",
    { config: { verb: "retrieveItem" } },
    async (request) => formatItem(requireItem(request, store, behaviour).item),
  );

  app.delete<ItemPath>(
    "/conversations/:conversationId/items/:itemId",
    { config: { verb: "deleteItem" } },
    async (request) => {
      const { conversation, item } = requireItem(request, store, behaviour);
      store.deleteItem(conversation, item);
      return { deleted: true, id: item.id, object: "conversation.item.deleted" };
    },
  );
}

function requireItem(
  request: ConversationRequest & { params: ItemPath["Params"] },
  store: ConversationStore,
  behaviour: Behaviour,
): { conversation: ConversationRecord; item: StoredItem } {
  const conversation = requireItemHolder(request, store, behaviour);
  const { itemId } = request.params;
  const item = store.findItem(conversation, itemId);
  if (item === undefined) throw new ApiError(404, null, `Item with id '${itemId}' not found.`);
  return { conversation, item };
}

function formatItems(items: StoredItem[], hasMore: boolean) {
  return {
    data: items.map(formatItem),
    first_id: items.at(0)?.id ?? null,
    has_more: hasMore,
    last_id: items.at(-1)?.id ?? null,
  };
}

function formatItem({ id, role, content }: StoredItem) {
  return { content, id, role, status: "completed", type: "message" };
}
