import type * as pulumi from "@pulumi/pulumi";
import { lookUpObject, lookUpObjectOutput } from "../program/lookup";
import { threadQuery } from "./query";

/** The arguments of {@link getThread}. */
export interface GetThreadArgs {
  /** The thread ID, for example `thread_e99a9fe7-0433-426f-98ad-a5139c36579c`. */
  id: string;
  /** The workspace that the thread belongs to. Default: the configured one. */
  workspace?: string | undefined;
}

/** The arguments of {@link getThreadOutput}. Each may be an output of a resource. */
export interface GetThreadOutputArgs {
  /** The thread ID. */
  id: pulumi.Input<string>;
  /** The workspace that the thread belongs to. Default: the configured one. */
  workspace?: pulumi.Input<string> | undefined;
}

/** A thread as DashScope answers it. */
export interface GetThreadResult {
  /** The thread ID. */
  readonly id: string;
  /** When the thread was created, in milliseconds since the epoch. */
  readonly createdAt?: number;
  /** The metadata, empty if the thread has none. */
  readonly metadata: Record<string, string>;
  /** The workspace, absent if it's the key's own. */
  readonly workspace?: string;
  /** The base URL that the thread was found at. */
  readonly baseUrl: string;
}

/**
 * Looks up a thread that this stack doesn't manage, also in previews.
 *
 * Under `pulumi.runtime.setMocks`, it calls your mocks with the token `dashscope:index:getThread` and sends nothing.
 *
 * @example
 * ```ts
 * const thread = await dashscope.getThread({ id: "thread_e99a9fe7-0433-426f-98ad-a5139c36579c" });
 * export const team = thread.metadata.team;
 * ```
 *
 * @param args the thread ID, and the workspace if it isn't the configured one
 * @param opts Pulumi's options for lookups: `provider`, or a `parent` that has one
 * @throws LookupError with a `code`: `DASHSCOPE_ERR_MISSING` if there is no such thread; with `status` and `requestId` if there was an
 * answer
 */
export function getThread(args: GetThreadArgs, opts?: pulumi.InvokeOptions): Promise<GetThreadResult> {
  return lookUpObject(threadQuery, "Thread", args, opts);
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
 * @param opts Pulumi's options for lookups: `provider`, or a `parent` that has one; `dependsOn`
 * @throws LookupError as {@link getThread} does. It comes from the output and ends the program.
 */
export function getThreadOutput(
  args: GetThreadOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetThreadResult> {
  return lookUpObjectOutput(threadQuery, "Thread", args, opts);
}
