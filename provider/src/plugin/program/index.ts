/**
 * The same resources and lookups for the provider plugin, which Pulumi starts as a process of its own.
 *
 * @module pulumi-dashscope/plugin
 */

// The types are exported separately: TypeScript 3.8, which Pulumi runs programs with that bring none, has no `type` inside braces.

export type {
  GetConversationArgs,
  GetConversationOutputArgs,
  GetConversationResult,
} from "../../conversation/lookup";
export type { ConversationArgs, ConversationItem, ConversationItemArgs } from "../../conversation/resource";
export type { GetThreadArgs, GetThreadOutputArgs, GetThreadResult } from "../../thread/lookup";
export type { ThreadArgs, ThreadMessage, ThreadMessageArgs } from "../../thread/resource";
export type { ThreadSetArgs, ThreadSetMember, ThreadSetMemberArgs } from "../../threadSet/resource";
export { Conversation } from "./conversation";
export { getConversation, getConversationOutput, getThread, getThreadOutput } from "./lookup";
export type { ProviderArgs } from "./provider";
export { Provider } from "./provider";
export { Thread } from "./thread";
export { ThreadSet } from "./threadSet";
