import type { FastifyInstance, FastifyRequest } from "fastify";
import { requireOwner } from "./api";
import type { Behaviour } from "./behaviour";
import { ThreadGone } from "./errors";
import { applyMetadataUpdate, formatMetadata } from "./metadata";
import type { Owner } from "./owner";
import { parseBody, threadBodySchema, updateBodySchema } from "./requestBody";
import type { ThreadRecord, ThreadStore } from "./threadStore";

interface ThreadPath {
  Params: { threadId: string };
}

/** Adds the four documented calls on threads. */
export function addThreadRoutes(app: FastifyInstance, store: ThreadStore, behaviour: Behaviour): void {
  app.post("/threads", { config: { verb: "create" } }, async (request) => {
    const { messages, metadata } = parseBody(request.body, threadBodySchema);
    const initial = applyMetadataUpdate({}, metadata, behaviour);
    const thread = store.createThread(requireOwner(request), initial, messages ?? []);
    return formatThread(thread, request, behaviour);
  });

  app.get<ThreadPath>("/threads/:threadId", { config: { verb: "retrieve" } }, async (request) =>
    formatThread(requireThread(request, store), request, behaviour),
  );

  app.post<ThreadPath>("/threads/:threadId", { config: { verb: "update" } }, async (request) => {
    const { metadata } = parseBody(request.body, updateBodySchema);
    const thread = requireThread(request, store);
    const updated = store.updateThread(thread, applyMetadataUpdate(thread.metadata, metadata, behaviour));
    return formatThread(updated, request, behaviour);
  });

  app.delete<ThreadPath>("/threads/:threadId", { config: { verb: "delete" } }, async (request) => {
    const thread = requireThread(request, store);
    store.deleteThread(thread);
    return { id: thread.id, object: "thread.deleted", deleted: true, request_id: request.id };
  });
}

/** Finds the thread that the path names. */
export function requireThread(
  request: { owner: Owner | null; params: ThreadPath["Params"] },
  store: ThreadStore,
): ThreadRecord {
  const thread = store.findThread(requireOwner(request), request.params.threadId);
  if (thread === undefined) throw new ThreadGone();
  return thread;
}

function formatThread(thread: ThreadRecord, request: FastifyRequest, behaviour: Behaviour) {
  return {
    id: thread.id,
    object: "thread",
    created_at: thread.createdAt,
    ...formatMetadata(thread.metadata, behaviour),
    ...(behaviour.accountId !== undefined && { account_id: behaviour.accountId }),
    request_id: request.id,
  };
}
