import type * as pulumi from "@pulumi/pulumi";
import { hasPulumiType, requireId } from "../../program/instances";
import { getPluginTypeToken } from "../../resource/providerText";
import type { Thread as DynamicThread, ThreadArgs } from "../../thread/resource";
import { PluginResource } from "./pluginResource";

// Pulumi makes an output only of the properties that it's told.
const computed = {
  createdAt: undefined,
  messages: undefined,
  metadata: undefined,
  workspace: undefined,
  baseUrl: undefined,
  requestId: undefined,
};

/**
 * A thread of Alibaba Cloud Model Studio (DashScope): the stored conversation of an assistant. Its Pulumi ID is the thread ID.
 *
 * @example
 * ```ts
 * import * as dashscope from "pulumi-dashscope/plugin";
 *
 * const thread = new dashscope.Thread("support", {
 *   messages: [{ role: "user", content: "You are talking to the support desk." }],
 *   metadata: { team: "support", env: "prod" },
 * });
 * export const threadId = thread.id;
 * ```
 */
export class Thread extends PluginResource implements DynamicThread {
  /** @internal The type that policy packs compare. */
  static readonly __pulumiType: string = getPluginTypeToken("Thread");

  declare readonly createdAt: DynamicThread["createdAt"];
  declare readonly metadata: DynamicThread["metadata"];
  declare readonly messages: DynamicThread["messages"];
  declare readonly workspace: DynamicThread["workspace"];
  declare readonly baseUrl: DynamicThread["baseUrl"];
  declare readonly requestId: DynamicThread["requestId"];

  /**
   * Declares a thread.
   *
   * @param name unique among the threads of the stack
   * @param args the arguments of the thread; default: an empty thread
   * @param opts Pulumi's options for resources, such as `provider`, `import` and `customTimeouts`
   * @throws pulumi.RunError if the stack configuration contains an unknown `dashscope:` key
   */
  constructor(name: string, args?: ThreadArgs, opts?: pulumi.CustomResourceOptions) {
    super("Thread", name, { ...computed, ...args }, opts);
  }

  /**
   * Reads an existing thread without managing it: `pulumi destroy` leaves it alone. If there is no such thread, the preview or update fails
   * with `DASHSCOPE_ERR_MISSING`.
   *
   * @example
   * ```ts
   * const other = dashscope.Thread.get("other", "thread_e99a9fe7-0433-426f-98ad-a5139c36579c");
   * ```
   *
   * @param name unique among the threads of the stack
   * @param id the thread ID, for example `thread_e99a9fe7-0433-426f-98ad-a5139c36579c`
   * @param args the `workspace`, if it isn't the configured one
   * @param opts Pulumi's options for resources, such as `provider` and `parent`
   * @throws pulumi.RunError if the ID isn't set
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args?: Pick<ThreadArgs, "workspace">,
    opts?: pulumi.CustomResourceOptions,
  ): Thread {
    return new Thread(name, args, { ...opts, id: requireId("Thread", name, id, "thread_1a2b") });
  }

  /**
   * Returns whether a value is a `Thread` of the provider plugin, also of another copy of the package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is Thread {
    return hasPulumiType(value, Thread.__pulumiType);
  }
}
