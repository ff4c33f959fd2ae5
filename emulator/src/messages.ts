import type { FastifyInstance } from "fastify";
import type { Behaviour } from "./behaviour";
import { InvalidParameter, ObjectGone } from "./errors";
import { createMessageSchema } from "./messageInput";
import { applyMetadataUpdate, formatMetadata, updateSchema } from "./metadata";
import type { Owner } from "./owner";
import { pageQuerySchema } from "./paging";
import { BODY_ERROR, parseBody, parseQuery } from "./requestBody";
import type { StoredMessage, ThreadRecord, ThreadStore } from "./threadStore";
import { requireThread } from "./threads";

interface ThreadPath {
  Params: { threadId: string };
}

interface MessagePath {
  Params: { threadId: string; messageId: string };
}

interface FilePath {
  Params: { threadId: string; messageId: string; fileId: string };
}

const createSchema = createMessageSchema(BODY_ERROR);

/** Adds the four documented calls on a thread's messages, and the two calls that the SDKs make for a message's files. */
export function addMessageRoutes(app: FastifyInstance, store: ThreadStore, behaviour: Behaviour): void {
  app.post<ThreadPath>(
    "/threads/:threadId/messages",
    { config: { verb: "createMessage" } },
    async (request) => {
      const given = parseBody(request.body, createSchema);
      const thread = requireThread(request, store);
      return formatMessage(thread, store.addMessage(thread, given), behaviour);
    },
  );

  app.get<ThreadPath>(
    "/threads/:threadId/messages",
    { config: { verb: "listMessages" } },
    async (request) => {
      const query = parseQuery(request.query, pageQuerySchema);
      const thread = requireThread(request, store);
      const page = store.listMessages(thread, query);
      if (page === undefined)
        throw new InvalidParameter("`after` and `before` must be IDs of messages in the thread.");
      const data = page.messages.map((message) => formatMessage(thread, message, behaviour));
      return formatList(data, page.hasMore);
    },
  );

  app.get<MessagePath>(
    "/threads/:threadId/messages/:messageId",
    { config: { verb: "retrieveMessage" } },
    async (request) => {
      const { thread, message } = requireMessage(request, store);
      return formatMessage(thread, message, behaviour);
    },
  );

  app.post<MessagePath>(
    "/threads/:threadId/messages/:messageId",
    { config: { verb: "updateMessage" } },
    async (request) => {
      const { metadata } = parseBody(request.body, updateSchema);
      const { thread, message } = requireMessage(request, store);
      const next = applyMetadataUpdate(message.metadata, metadata, behaviour);
      return formatMessage(thread, store.updateMessage(thread, message, next), behaviour);
    },
  );

  app.get<MessagePath>(
    "/threads/:threadId/messages/:messageId/files",
    { config: { verb: "listMessageFiles" } },
    async (request) => {
      const { message } = requireMessage(request, store);
      const data = message.fileIds.map((fileId) => formatFile(message, fileId));
      return formatList(data, false);
    },
  );

  app.get<FilePath>(
    "/threads/:threadId/messages/:messageId/files/:fileId",
    { config: { verb: "retrieveMessageFile" } },
    async (request) => {
      const { message } = requireMessage(request, store);
      if (!message.fileIds.includes(request.params.fileId)) throw new ObjectGone("file");
      return formatFile(message, request.params.fileId);
    },
  );
}

function requireMessage(
  request: { owner: Owner | null; params: MessagePath["Params"] },
  store: ThreadStore,
): { thread: ThreadRecord; message: StoredMessage } {
  const thread = requireThread(request, store);
  const message = store.findMessage(thread, request.params.messageId);
  if (message === undefined) throw new ObjectGone("message");
  return { thread, message };
}

function formatList<T extends { id: string }>(data: T[], hasMore: boolean) {
  return {
    object: "list",
    data,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}

/** Formats a message as newly documented. What only a run can fill is empty, as in Alibaba Cloud's example. */
function formatMessage({ id: threadId }: ThreadRecord, message: StoredMessage, behaviour: Behaviour) {
  return {
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
    ...formatMetadata(message.metadata, behaviour),
    name: "",
    plugin_call: {},
    tool_calls: [],
    status: "",
  };
}

function formatFile(message: StoredMessage, fileId: string) {
  return {
    id: fileId,
    object: "thread.message.file",
    created_at: message.createdAt,
    message_id: message.id,
  };
}
