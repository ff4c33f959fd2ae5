/** The documented calls, under the names that faults and the request log use. */
export const verbs = [
  "create",
  "retrieve",
  "update",
  "delete",
  "createMessage",
  "listMessages",
  "retrieveMessage",
  "updateMessage",
  "listMessageFiles",
  "retrieveMessageFile",
  "createConversation",
  "retrieveConversation",
  "updateConversation",
  "deleteConversation",
  "createItems",
  "listItems",
  "retrieveItem",
  "deleteItem",
] as const;

/**
 * A documented call. `create`, `retrieve`, `update` and `delete` are calls on a thread; the others name their object.
 */
export type Verb = (typeof verbs)[number];
