import type { FastifyInstance, FastifyRequest } from "fastify";
import { threadGone } from "./errors";
import { readFields, readMessages, readMetadata } from "./requestBody";
import type { Metadata, Store, ThreadRecord } from "./store";
import type { WorkspaceOf } from "./workspaces";

/** How an update treats the metadata that a thread has: the service does not document it. */
export type MetadataUpdate = "replace" | "merge";

interface ThreadPath {
  Params: { threadId: string };
}

/** The four documented calls on threads. */
export function threadRoutes(
  app: FastifyInstance,
  store: Store,
  workspaceOf: WorkspaceOf,
  metadataUpdate: MetadataUpdate,
): void {
  app.post("/threads", { config: { verb: "create" } }, async (request) => {
    const workspace = workspaceOf(request.headers);
    const { messages, metadata } = readFields(request.body);
    const thread = await store.createThread(workspace, readMetadata(metadata) ?? {}, readMessages(messages));
    return threadAnswer(thread, request);
  });

  app.get<ThreadPath>("/threads/:threadId", { config: { verb: "retrieve" } }, (request, reply) => {
    const thread = store.thread(workspaceOf(request.headers), request.params.threadId);
    if (thread === undefined) throw threadGone();
    reply.send(threadAnswer(thread, request));
  });

  app.post<ThreadPath>("/threads/:threadId", { config: { verb: "update" } }, async (request) => {
    const workspace = workspaceOf(request.headers);
    const metadata = readMetadata(readFields(request.body)["metadata"]);
    const thread = await store.updateThread(workspace, request.params.threadId, (current) =>
      updatedMetadata(current, metadata, metadataUpdate),
    );
    if (thread === undefined) throw threadGone();
    return threadAnswer(thread, request);
  });

  app.delete<ThreadPath>("/threads/:threadId", { config: { verb: "delete" } }, async (request) => {
    const { threadId } = request.params;
    const deleted = await store.deleteThread(workspaceOf(request.headers), threadId);
    if (!deleted) throw threadGone();
    return { id: threadId, object: "thread.deleted", deleted: true, request_id: request.id };
  });
}

/** What an update leaves: an update that names no metadata changes nothing. */
export function updatedMetadata(
  current: Metadata,
  given: Metadata | undefined,
  update: MetadataUpdate,
): Metadata {
  if (given === undefined) return current;
  return update === "merge" ? { ...current, ...given } : given;
}

const threadAnswer = ({ id, createdAt, metadata }: ThreadRecord, request: FastifyRequest) => ({
  id,
  object: "thread",
  created_at: createdAt,
  metadata,
  request_id: request.id,
});
