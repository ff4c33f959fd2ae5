import type * as pulumi from "@pulumi/pulumi";
import { lookUpObject, lookUpObjectOutput } from "../program/lookup";
import { conversationQuery } from "./query";

/** The arguments of {@link getConversation}. */
export interface GetConversationArgs {
  /** The conversation ID, for example `conv_e99a9fe7-0433-426f-98ad-a5139c36579c`. */
  id: string;
  /** The workspace that the conversation belongs to. Default: the configured one. */
  workspace?: string | undefined;
}

/** The arguments of {@link getConversationOutput}. Each may be an output of a resource. */
export interface GetConversationOutputArgs {
  /** The conversation ID. */
  id: pulumi.Input<string>;
  /** The workspace that the conversation belongs to. Default: the configured one. */
  workspace?: pulumi.Input<string> | undefined;
}

/** A conversation as DashScope answers it. */
export interface GetConversationResult {
  /** The conversation ID. */
  readonly id: string;
  /** When the conversation was created, in milliseconds since the epoch. */
  readonly createdAt?: number;
  /** The metadata, empty if the conversation has none. */
  readonly metadata: Record<string, string>;
  /** The workspace, absent if it's the key's own. */
  readonly workspace?: string;
  /** The base URL that the conversation was found at. */
  readonly baseUrl: string;
}

/**
 * Looks up a conversation that this stack doesn't manage, also in previews.
 *
 * Under `pulumi.runtime.setMocks`, it calls your mocks with the token `dashscope:index:getConversation` and sends nothing.
 *
 * @example
 * ```ts
 * const conversation = await dashscope.getConversation({ id: "conv_e99a9fe7-0433-426f-98ad-a5139c36579c" });
 * export const team = conversation.metadata.team;
 * ```
 *
 * @param args the conversation ID, and the workspace if it isn't the configured one
 * @param opts Pulumi's options for lookups: `provider`, or a `parent` that has one
 * @throws LookupError with a `code`: `DASHSCOPE_ERR_MISSING` if there is no such conversation; with `status` and `requestId` if there was an
 * answer
 */
export function getConversation(
  args: GetConversationArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetConversationResult> {
  return lookUpObject(conversationQuery, "Conversation", args, opts);
}

/**
 * Looks up a conversation whose ID may be an output. The result is unknown in a preview as long as the arguments are.
 *
 * @example
 * ```ts
 * const labels = dashscope.getConversationOutput({ id: conversation.id }).metadata;
 * ```
 *
 * @param args the conversation ID, and the workspace if it isn't the configured one
 * @param opts Pulumi's options for lookups: `provider`, or a `parent` that has one; `dependsOn`
 * @throws LookupError as {@link getConversation} does. It comes from the output and ends the program.
 */
export function getConversationOutput(
  args: GetConversationOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetConversationResult> {
  return lookUpObjectOutput(conversationQuery, "Conversation", args, opts);
}
