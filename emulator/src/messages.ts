import type { FastifyInstance, FastifyRequest } from "fastify";
import { requireOwner } from "./api";
import { type Behaviour, changedMetadata, metadataField } from "./behaviour";
import { fileGone, invalidParameter, messageGone, threadGone } from "./errors";
import { readFields, readMessage, readMetadata } from "./requestBody";
import type { PageRequest, Store, StoredMessage } from "./store";

interface ThreadPath {
  Params: { threadId: string };
  Querystring: Record<string, unknown>;
}

interface MessagePath {
  Params: { threadId: string; messageId: string };
}

interface FilePath {
  Params: { threadId: string; messageId: string; fileId: string };
}

// The vendor documents 1 to 100 and no default; this is the one of the API that theirs follows.
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** The four documented calls on a thread's messages, and the two that the SDKs have for a message's files. */
export function messageRoutes(app: FastifyInstance, store: Store, behaviour: Behaviour): void {
  app.post<ThreadPath>(
    "/threads/:threadId/messages",
    { config: { verb: "createMessage" } },
    async (request) => {
      const { threadId } = request.params;
      const given = readMessage(readFields(request.body));
      const message = await store.addMessage(requireOwner(request), threadId, given);
      if (message === undefined) throw threadGone();
      return answer(messageObject(threadId, message, behaviour), request);
    },
  );

  app.get<ThreadPath>(
    "/threads/:threadId/messages",
    { config: { verb: "listMessages" } },
    async (request) => {
      const { threadId } = request.params;
      const wanted = readPageRequest(request.query);
      if (store.thread(requireOwner(request), threadId) === undefined) throw threadGone();
      const page = store.listMessages(threadId, wanted);
      if (page === undefined)
        throw invalidParameter("after and before must be ids of messages in the thread.");
      const data = page.messages.map((message) => messageObject(threadId, message, behaviour));
      return answer(listObject(data, page.hasMore), request);
    },
  );

  app.get<MessagePath>(
    "/threads/:threadId/messages/:messageId",
    { config: { verb: "retrieveMessage" } },
    async (request) => {
      const { threadId } = request.params;
      return answer(messageObject(threadId, existingMessage(request, store), behaviour), request);
    },
  );

  app.post<MessagePath>(
    "/threads/:threadId/messages/:messageId",
    { config: { verb: "updateMessage" } },
    async (request) => {
      const { threadId, messageId } = request.params;
      const metadata = readMetadata(readFields(request.body)["metadata"]);
      if (store.thread(requireOwner(request), threadId) === undefined) throw threadGone();
      const message = await store.updateMessage(threadId, messageId, (current) =>
        changedMetadata(current, metadata, behaviour),
      );
      if (message === undefined) throw messageGone();
      return answer(messageObject(threadId, message, behaviour), request);
    },
  );

  app.get<MessagePath>(
    "/threads/:threadId/messages/:messageId/files",
    { config: { verb: "listMessageFiles" } },
    async (request) => {
      const message = existingMessage(request, store);
      const data = message.fileIds.map((fileId) => fileObject(message, fileId));
      return answer(listObject(data, false), request);
    },
  );

  app.get<FilePath>(
    "/threads/:threadId/messages/:messageId/files/:fileId",
    { config: { verb: "retrieveMessageFile" } },
    async (request) => {
      const message = existingMessage(request, store);
      if (!message.fileIds.includes(request.params.fileId)) throw fileGone();
      return answer(fileObject(message, request.params.fileId), request);
    },
  );
}

function existingMessage(request: FastifyRequest<MessagePath>, store: Store): StoredMessage {
  const { threadId, messageId } = request.params;
  if (store.thread(requireOwner(request), threadId) === undefined) throw threadGone();
  const message = store.message(threadId, messageId);
  if (message === undefined) throw messageGone();
  return message;
}

function readPageRequest(query: Record<string, unknown>): PageRequest {
  const { limit = String(DEFAULT_LIMIT), order = "desc", after, before } = query;
  const count = typeof limit === "string" && /^\d{1,3}$/.test(limit) ? Number(limit) : 0;
  if (count < 1 || count > MAX_LIMIT)
    throw invalidParameter(`limit must be a whole number from 1 to ${MAX_LIMIT}.`);
  if (order !== "asc" && order !== "desc") throw invalidParameter('order must be "asc" or "desc".');
  return { limit: count, order, ...cursor("after", after), ...cursor("before", before) };
}

function cursor(name: "after" | "before", id: unknown): Pick<PageRequest, "after" | "before"> {
  if (id === undefined || id === "") return {};
  if (typeof id !== "string") throw invalidParameter(`${name} can be given once.`);
  return { [name]: id };
}

const answer = <T extends object>(object: T, request: FastifyRequest): T & { request_id: string } => ({
  ...object,
  request_id: request.id,
});

const listObject = <T extends { id: string }>(data: T[], hasMore: boolean) => ({
  object: "list",
  data,
  first_id: data.at(0)?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more: hasMore,
});

/** A message in the newest documented form; what only a run can fill is empty, as in the vendor's example. */
const messageObject = (threadId: string, message: StoredMessage, behaviour: Behaviour) => ({
  id: message.id,
  object: "thread.message",
  created_at: message.createdAt,
  thread_id: threadId,
  incomplete_details: {},
  completed_at: null,
  incomplete_at: null,
  assistant_id: "",
  run_id: "",
  file_ids: message.fileIds,
  role: message.role,
  content: [{ type: "text", text: { value: message.content, annotations: [] } }],
  ...metadataField(message.metadata, behaviour),
  name: "",
  plugin_call: {},
  tool_calls: [],
  status: "",
});

const fileObject = (message: StoredMessage, fileId: string) => ({
  id: fileId,
  object: "thread.message.file",
  created_at: message.createdAt,
  message_id: message.id,
});
