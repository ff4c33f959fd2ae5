import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { requireOwner } from "./api";
import type { Behaviour } from "./behaviour";
import { ObjectGone } from "./errors";
import { createMessageSchema } from "./messageInput";
import { applyMetadataUpdate, formatMetadata, metadataSchema, updateSchema } from "./metadata";
import type { Owner } from "./owner";
import { BODY_ERROR, parseBody } from "./requestBody";
import type { ThreadRecord, ThreadStore } from "./threadStore";

interface ThreadPath {
  Params: { threadId: string };
}

const createSchema = z.object(
  {
    messages: z
      .array(createMessageSchema({ error: "must be an object." }), { error: "must be an array." })
      .nullish(),
    metadata: metadataSchema.nullish(),
  },
  BODY_ERROR,
);

/** Adds the four documented calls on threads. */
export function addThreadRoutes(app: FastifyInstance, store: ThreadStore, behaviour: Behaviour): void {
  app.post("/threads", { config: { verb: "create" } }, async (request) => {
    const { messages, metadata } = parseBody(request.body, createSchema);
    const initial = applyMetadataUpdate({}, metadata, behaviour);
    const thread = store.createThread(requireOwner(request), initial, messages ?? []);
    return formatThread(thread, behaviour);
  });

  app.get<ThreadPath>("/threads/:threadId", { config: { verb: "retrieve" } }, async (request) =>
    formatThread(requireThread(request, store), behaviour),
  );

  app.post<ThreadPath>("/threads/:threadId", { config: { verb: "update" } }, async (request) => {
    const { metadata } = parseBody(request.body, updateSchema);
    const thread = requireThread(request, store);
    const updated = store.updateThread(thread, applyMetadataUpdate(thread.metadata, metadata, behaviour));
    return formatThread(updated, behaviour);
  });

  app.delete<ThreadPath>("/threads/:threadId", { config: { verb: "delete" } }, async (request) => {
    const thread = requireThread(request, store);
    store.deleteThread(thread);
    return { id: thread.id, object: "thread.deleted", deleted: true };
  });
}

/** Finds the thread that the path names. */
export function requireThread(
  request: { owner: Owner | null; params: ThreadPath["Params"] },
  store: ThreadStore,
): ThreadRecord {
  const thread = store.findThread(requireOwner(request), request.params.threadId);
  if (thread === undefined) throw new ObjectGone("thread");
  return thread;
}

function formatThread(thread: ThreadRecord, behaviour: Behaviour) {
  return {
    id: thread.id,
    object: "thread",
    created_at: thread.createdAt,
    ...formatMetadata(thread.metadata, behaviour),
    ...(behaviour.accountId !== undefined && { account_id: behaviour.accountId }),
  };
}
