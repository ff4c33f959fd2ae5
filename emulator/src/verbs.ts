/** The documented calls, by the names that faults and the request log use for them. */
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
] as const;

/**
 * A documented call: `create`, `retrieve`, `update` and `delete` of a thread; `createMessage`, `listMessages`,
 * `retrieveMessage` and `updateMessage`; and the SDKs' `listMessageFiles` and `retrieveMessageFile`.
 */
export type Verb = (typeof verbs)[number];
