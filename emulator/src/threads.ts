import type { FastifyInstance, FastifyRequest } from "fastify";
import { requireOwner } from "./api";
import { type Behaviour, changedMetadata, metadataField } from "./behaviour";
import { threadGone } from "./errors";
import { readFields, readMessages, readMetadata } from "./requestBody";
import type { Store, ThreadRecord } from "./store";

interface ThreadPath {
  Params: { threadId: string };
}

/** The four documented calls on threads. */
export function threadRoutes(app: FastifyInstance, store: Store, behaviour: Behaviour): void {
  app.post("/threads", { config: { verb: "create" } }, async (request) => {
    const { messages, metadata } = readFields(request.body);
    const thread = await store.createThread(
      requireOwner(request),
      changedMetadata({}, readMetadata(metadata), behaviour),
      readMessages(messages),
    );
    return threadAnswer(thread, request, behaviour);
  });

  app.get<ThreadPath>("/threads/:threadId", { config: { verb: "retrieve" } }, async (request) => {
    const thread = store.thread(requireOwner(request), request.params.threadId);
    if (thread === undefined) throw threadGone();
    return threadAnswer(thread, request, behaviour);
  });

  app.post<ThreadPath>("/threads/:threadId", { config: { verb: "update" } }, async (request) => {
    const metadata = readMetadata(readFields(request.body)["metadata"]);
    const thread = await store.updateThread(requireOwner(request), request.params.threadId, (current) =>
      changedMetadata(current, metadata, behaviour),
    );
    if (thread === undefined) throw threadGone();
    return threadAnswer(thread, request, behaviour);
  });

  app.delete<ThreadPath>("/threads/:threadId", { config: { verb: "delete" } }, async (request) => {
    const { threadId } = request.params;
    const deleted = await store.deleteThread(requireOwner(request), threadId);
    if (!deleted) throw threadGone();
    return { id: threadId, object: "thread.deleted", deleted: true, request_id: request.id };
  });
}

const threadAnswer = (thread: ThreadRecord, request: FastifyRequest, behaviour: Behaviour) => ({
  id: thread.id,
  object: "thread",
  created_at: thread.createdAt,
  ...metadataField(thread.metadata, behaviour),
  ...(behaviour.accountId !== undefined && { account_id: behaviour.accountId }),
  request_id: request.id,
});
