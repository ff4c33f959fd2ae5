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
] as const;

/**
 * A documented call: `create`, `retrieve`, `update` and `delete` of a thread, and `createMessage`, `listMessages`,
 * `retrieveMessage` and `updateMessage`.
 */
export type Verb = (typeof verbs)[number];
