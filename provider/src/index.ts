/**
 * The resources and lookups of the dynamic provider, the default front end.
 *
 * @module pulumi-dashscope
 */

// The types are exported separately: TypeScript 3.8, which Pulumi runs programs with that bring none, has no `type` inside braces.

export type {
  GetConversationArgs,
  GetConversationOutputArgs,
  GetConversationResult,
} from "./conversation/lookup";
export { getConversation, getConversationOutput } from "./conversation/lookup";
export type { ConversationArgs, ConversationItem, ConversationItemArgs } from "./conversation/resource";
export { Conversation } from "./conversation/resource";
export { LookupError } from "./program/lookup";
export type { ProviderArgs } from "./program/provider";
export { Provider } from "./program/provider";
export type { GetThreadArgs, GetThreadOutputArgs, GetThreadResult } from "./thread/lookup";
export { getThread, getThreadOutput } from "./thread/lookup";
export type { ThreadArgs, ThreadMessage, ThreadMessageArgs } from "./thread/resource";
export { Thread } from "./thread/resource";
export type { ThreadSetArgs, ThreadSetMember, ThreadSetMemberArgs } from "./threadSet/resource";
export { ThreadSet } from "./threadSet/resource";
