import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";
import type {
  GetConversationArgs,
  GetConversationOutputArgs,
  GetConversationResult,
} from "../../conversation/lookup";
import { conversationQuery } from "../../conversation/query";
import { buildUnknownError } from "../../program/unknownProvider";
import type { GetThreadArgs, GetThreadOutputArgs, GetThreadResult } from "../../thread/lookup";
import { threadQuery } from "../../thread/query";

/**
 * Looks up a thread that this stack doesn't manage, also in previews.
 *
 * @example
 * ```ts
 * const thread = await dashscope.getThread({ id: "thread_e99a9fe7-0433-426f-98ad-a5139c36579c" });
 * export const team = thread.metadata.team;
 * ```
 *
 * @param args the thread ID, and the workspace if it isn't the configured one
 * @param opts Pulumi's options for lookups, such as `provider` and `parent`
 * @throws Error whose message ends with a code: `DASHSCOPE_ERR_MISSING` if there is no such thread
 */
export function getThread(args: GetThreadArgs, opts?: pulumi.InvokeOptions): Promise<GetThreadResult> {
  return lookUp(threadQuery.token, args, opts);
}

/**
 * Looks up a thread whose ID may be an output. The result is unknown in a preview as long as the arguments are.
 *
 * @example
 * ```ts
 * const labels = dashscope.getThreadOutput({ id: thread.id }).metadata;
 * ```
 *
 * @param args the thread ID, and the workspace if it isn't the configured one
 * @param opts Pulumi's options for lookups, such as `provider`, `parent` and `dependsOn`
 * @throws Error as {@link getThread} does. It comes from the output and ends the program.
 */
export function getThreadOutput(
  args: GetThreadOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetThreadResult> {
  return lookUpOutput(threadQuery.token, args, opts);
}

/**
 * Looks up a conversation that this stack doesn't manage, also in previews.
 *
 * @example
 * ```ts
 * const conversation = await dashscope.getConversation({ id: "conv_e99a9fe7-0433-426f-98ad-a5139c36579c" });
 * export const team = conversation.metadata.team;
 * ```
 *
 * @param args the conversation ID, and the workspace if it isn't the configured one
 * @param opts Pulumi's options for lookups, such as `provider` and `parent`
 * @throws Error whose message ends with a code: `DASHSCOPE_ERR_MISSING` if there is no such conversation
 */
export function getConversation(
  args: GetConversationArgs,
  opts?: pulumi.InvokeOptions,
): Promise<GetConversationResult> {
  return lookUp(conversationQuery.token, args, opts);
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
 * @param opts Pulumi's options for lookups, such as `provider`, `parent` and `dependsOn`
 * @throws Error as {@link getConversation} does. It comes from the output and ends the program.
 */
export function getConversationOutput(
  args: GetConversationOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetConversationResult> {
  return lookUpOutput(conversationQuery.token, args, opts);
}

async function lookUp<Result extends object>(
  token: string,
  args: object,
  opts: pulumi.InvokeOptions | undefined,
): Promise<Result> {
  const result: Result = await pulumi.runtime.invoke(token, { ...args }, opts).catch((error: unknown) => {
    // Pulumi prints this one's message without a stack trace.
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  });
  if (isUnanswered(result)) throw buildUnknownError();
  return result;
}

function lookUpOutput<Result extends object>(
  token: string,
  args: object,
  opts: pulumi.InvokeOutputOptions | undefined,
): pulumi.Output<Result> {
  const found: pulumi.Output<Result> = pulumi.runtime.invokeOutput(token, { ...args }, opts);
  return found.apply((result) => (isUnanswered(result) ? pulumi.output(unknown).apply(() => result) : found));
}

/** In a preview, the engine doesn't ask a plugin whose arguments it doesn't know yet. It returns an empty object instead. */
function isUnanswered(result: object): boolean {
  return pulumi.runtime.isDryRun() && Object.keys(result).length === 0;
}
