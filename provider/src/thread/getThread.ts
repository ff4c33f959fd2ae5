import * as pulumi from "@pulumi/pulumi";
import { ask, askOutput, type Question } from "../pulumi/lookup";
import { threadType } from "../pulumi/providerText";
import { MissingThreadError } from "./errors";

/** What {@link getThread} looks up. */
export interface GetThreadArgs {
  /** The thread's id, for example `thread_e99a9fe7-0433-426f-98ad-a5139c36579c`. */
  id: string;
  /** The workspace it belongs to. Default: the configured one. */
  workspace?: string | undefined;
}

/** {@link GetThreadArgs}, each of which may be an output of a resource. */
export interface GetThreadOutputArgs {
  /** The thread's id. */
  id: pulumi.Input<string>;
  /** The workspace it belongs to. Default: the configured one. */
  workspace?: pulumi.Input<string> | undefined;
}

/** What DashScope says of a thread. */
export interface GetThreadResult {
  /** The thread's id. */
  readonly id: string;
  /** When it was created, in milliseconds since the epoch. */
  readonly createdAt?: number;
  /** Empty when it has none. */
  readonly metadata: Record<string, string>;
  /** Absent when it is the key's own. */
  readonly workspace?: string;
  /** The endpoint it lives on. */
  readonly baseUrl: string;
}

/**
 * Looks up a thread that is not managed here, in previews, too.
 *
 * ```ts
 * const thread = await dashscope.getThread({ id: "thread_e99a9fe7-0433-426f-98ad-a5139c36579c" });
 * export const team = thread.metadata.team;
 * ```
 *
 * @param args the thread's id, and its workspace when it is not the configured one
 * @param opts Pulumi's options for lookups: `provider`, or a `parent` that has one
 * @throws pulumi.RunError when there is no such thread (`DASHSCOPE_ERR_MISSING`), the configuration cannot be right, or DashScope
 * says no
 */
export function getThread(args: GetThreadArgs, opts?: pulumi.InvokeOptions): Promise<GetThreadResult> {
  return ask(providerOf(opts), thread(args));
}

/**
 * {@link getThread} of arguments that may be outputs: unknown in a preview for as long as they are.
 *
 * ```ts
 * const labels = dashscope.getThreadOutput({ id: thread.id }).metadata;
 * ```
 *
 * @param args the thread's id, and its workspace when it is not the configured one
 * @param opts Pulumi's options for lookups: `provider`, or a `parent` that has one; `dependsOn`
 * @throws pulumi.RunError as {@link getThread} does; it comes from the output, and ends the program
 */
export function getThreadOutput(
  args: GetThreadOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetThreadResult> {
  return pulumi
    .all([pulumi.output(args), existing(opts?.dependsOn)])
    .apply(([known]) => askOutput(providerOf(opts), thread(known)));
}

/** Known as soon as these resources are there. */
function existing(resources: pulumi.InvokeOutputOptions["dependsOn"] = []): pulumi.Output<string[]> {
  return pulumi
    .output(resources)
    .apply((given) =>
      pulumi.all([given].flat().map((one) => (pulumi.CustomResource.isInstance(one) ? one.id : one.urn))),
    );
}

function providerOf({ provider, parent }: pulumi.InvokeOptions = {}): pulumi.ProviderResource | undefined {
  return provider ?? parent?.getProvider(threadType);
}

function thread({ id, workspace }: GetThreadArgs): Question<GetThreadResult> {
  return async (threads, configuration) => {
    const place = configuration.place(workspace === undefined ? {} : { workspace });
    const found = await threads.retrieve(place, id);
    if (found === undefined) throw new MissingThreadError(id, place);
    const { requestId: _, ...known } = found;
    return { ...known, ...place };
  };
}
