import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { requireOwner } from "./api";
import type { Behaviour } from "./behaviour";
import type { ConversationRecord, ConversationStore } from "./conversationStore";
import { ApiError, InvalidParameter, ObjectGone } from "./errors";
import { createItemsSchema } from "./itemInput";
import { applyMetadataUpdate, formatMetadata, metadataSchema, updateSchema } from "./metadata";
import type { Owner } from "./owner";
import { BODY_ERROR, parseBody } from "./requestBody";

interface ConversationPath {
  Params: { conversationId: string };
}

/** Adds the four documented calls on conversations. */
export function addConversationRoutes(
  app: FastifyInstance,
  store: ConversationStore,
  behaviour: Behaviour,
): void {
  const limited = { ...behaviour, metadataLimits: true };
  const createSchema = z.object(
    { items: createItemsSchema(behaviour).nullish(), metadata: metadataSchema.nullish() },
    BODY_ERROR,
  );

  app.post("/conversations", { config: { verb: "createConversation" } }, async (request) => {
    const { items, metadata } = parseBody(request.body, createSchema);
    const initial = applyMetadataUpdate({}, metadata, limited);
    return formatConversation(
      store.createConversation(requireOwner(request), initial, items ?? []),
      behaviour,
    );
  });

  app.get<ConversationPath>(
    "/conversations/:conversationId",
    { config: { verb: "retrieveConversation" } },
    async (request) => formatConversation(requireConversation(request, store, behaviour), behaviour),
  );

  app.post<ConversationPath>(
    "/conversations/:conversationId",
    { config: { verb: "updateConversation" } },
    async (request) => {
      const { metadata } = parseBody(request.body, updateSchema);
      const conversation = requireConversation(request, store, behaviour);
      const next = metadata
        ? applyMetadataUpdate(conversation.metadata, metadata, limited)
        : chooseWithoutMetadata(conversation, behaviour);
      return formatConversation(store.updateConversation(conversation, next), behaviour);
    },
  );

  app.delete<ConversationPath>(
    "/conversations/:conversationId",
    { config: { verb: "deleteConversation" } },
    async (request) => {
      const conversation = requireConversation(request, store, behaviour);
      store.deleteConversation(conversation);
      return { deleted: true, id: conversation.id, object: "conversation.deleted" };
    },
  );
}

/** A request whose path names a conversation. */
export interface ConversationRequest {
  owner: Owner | null;
  params: ConversationPath["Params"];
}

/** Finds the conversation that the path names, unless it was deleted. */
export function requireConversation(
  request: ConversationRequest,
  store: ConversationStore,
  behaviour: Behaviour,
): ConversationRecord {
  const conversation = findConversation(request, store);
  if (conversation?.isDeleted !== undefined || conversation === undefined)
    throw createMissingError(request, behaviour);
  return conversation;
}

/** Finds the conversation whose items are asked for, which may outlive it. */
export function requireItemHolder(
  request: ConversationRequest,
  store: ConversationStore,
  behaviour: Behaviour,
): ConversationRecord {
  const conversation = findConversation(request, store);
  if (conversation === undefined || behaviour.deletedConversationItems !== "readable")
    return requireConversation(request, store, behaviour);
  return conversation;
}

function findConversation(
  request: ConversationRequest,
  store: ConversationStore,
): ConversationRecord | undefined {
  return store.findConversation(requireOwner(request), request.params.conversationId);
}

function createMissingError({ params }: ConversationRequest, { missingConversation }: Behaviour): ApiError {
  if (missingConversation === 400) return new ObjectGone("conversation");
  return new ApiError(404, null, `Conversation with id '${params.conversationId}' not found.`);
}

/** Returns the metadata after an update that gives none. */
function chooseWithoutMetadata({ metadata }: ConversationRecord, { updateWithoutMetadata }: Behaviour) {
  if (updateWithoutMetadata === "keep") return metadata;
  if (updateWithoutMetadata === "clear") return {};
  throw new InvalidParameter("`metadata` must be an object.");
}

function formatConversation(conversation: ConversationRecord, behaviour: Behaviour) {
  return {
    id: conversation.id,
    object: "conversation",
    created_at: conversation.createdAt,
    ...formatMetadata(conversation.metadata, behaviour),
  };
}
