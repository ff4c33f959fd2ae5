import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../program/dynamicResource";
import { hasPulumiType, requireId } from "../program/instances";
import { getTypeToken } from "../resource/providerText";

/** A message that a thread begins with. */
export interface ThreadMessage {
  /** Who says it. */
  role: "user" | "assistant";
  /** The text. Must not be empty. */
  content: string;
  /** IDs of files that were uploaded to Model Studio. Default: none. */
  fileIds?: string[] | undefined;
  /** Labels of the message. Default: none. */
  metadata?: Record<string, string> | undefined;
}

/** A {@link ThreadMessage} whose parts may be outputs of other resources. */
export interface ThreadMessageArgs {
  /** Who says it. */
  role: pulumi.Input<"user" | "assistant">;
  /** The text. Must not be empty. Pass `pulumi.secret(…)` to keep it out of the plaintext state. */
  content: pulumi.Input<string>;
  /** IDs of files that were uploaded to Model Studio. Default: none. */
  fileIds?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Labels of the message. Default: none. */
  metadata?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** The arguments of a {@link Thread}. Each may be an output of another resource. `undefined`, `null` and `""` mean "not set". */
export interface ThreadArgs {
  /**
   * The messages that the thread begins with, used at its creation only. The API can't change them, so a change replaces the thread,
   * unless `ignoreChanges: ["messages"]` is among the options. If any part is a secret, Pulumi keeps all messages secret. Default: none.
   */
  messages?: pulumi.Input<pulumi.Input<ThreadMessageArgs>[]> | undefined;
  /**
   * Labels of the thread, updated in place. The provider sends the whole map. If you never set `metadata`, the provider leaves the
   * thread's metadata alone. If you set it and later remove it, the provider clears it.
   */
  metadata?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * The ID of the workspace that the thread belongs to. A change replaces the thread. Default: `dashscope:workspace`, otherwise the key's
   * own workspace.
   */
  workspace?: pulumi.Input<string> | undefined;
  /**
   * The ID of an existing thread that the provider takes over instead of creating one. The preview verifies that it exists. The thread
   * keeps its messages, so you can't set `messages`, too. If you set `metadata`, the provider applies it. Another ID replaces the thread,
   * which deletes the one that was adopted before, unless `retainOnDelete` is among the options. Removing `adoptId` changes nothing.
   */
  adoptId?: pulumi.Input<string> | undefined;
}

// Pulumi makes an output only of the properties that it's told.
const computed = {
  createdAt: undefined,
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
 * import * as dashscope from "pulumi-dashscope";
 *
 * const thread = new dashscope.Thread("support", {
 *   messages: [{ role: "user", content: "You are talking to the support desk." }],
 *   metadata: { team: "support", env: "prod" },
 * });
 * export const threadId = thread.id;
 * ```
 */
export class Thread extends DynamicResource {
  /** @internal The type that policy packs compare. */
  static readonly __pulumiType: string = getTypeToken("Thread");

  /** When the thread was created, in milliseconds since the epoch. Absent if DashScope didn't say. */
  declare readonly createdAt: pulumi.Output<number | undefined>;
  /** The live metadata, whether you set it or not. */
  declare readonly metadata: pulumi.Output<Record<string, string>>;
  /** The messages that the thread was created with, without later ones. A secret if you pass a secret. */
  declare readonly messages: pulumi.Output<ThreadMessage[] | undefined>;
  /** The workspace that the thread was created in. Absent if it's the key's own. */
  declare readonly workspace: pulumi.Output<string | undefined>;
  /** The base URL that the thread was created at, whatever is configured today: `https://dashscope.aliyuncs.com/api/v1`. */
  declare readonly baseUrl: pulumi.Output<string>;
  /** DashScope's ID of the request that last wrote the thread, for Alibaba Cloud support. */
  declare readonly requestId: pulumi.Output<string | undefined>;

  /**
   * Declares a thread.
   *
   * @param name unique among the threads of the stack
   * @param args the arguments of the thread; default: an empty thread
   * @param opts Pulumi's options for resources, such as `provider` and `protect`, but not `import`
   * @throws pulumi.RunError if `opts.import` is set, which can't work for a dynamic resource; if the project itself hasn't installed this
   * package; or if the stack configuration contains an unknown `dashscope:` key
   */
  constructor(name: string, args?: ThreadArgs, opts?: pulumi.CustomResourceOptions) {
    super("Thread", name, { messages: undefined, ...computed, ...args }, opts);
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
   * @param opts Pulumi's options for resources, such as `provider` and `parent`, but not `import`
   * @throws pulumi.RunError if the ID isn't set, `opts.import` is set, or the project itself hasn't installed this package
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
   * Returns whether a value is a `Thread`, also of another copy of the package.
   *
   * @example
   * ```ts
   * const threads = resources.filter(dashscope.Thread.isInstance);
   * ```
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is Thread {
    return hasPulumiType(value, Thread.__pulumiType);
  }
}
