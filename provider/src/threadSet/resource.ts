import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../program/dynamicResource";
import { assertOnlyInState, hasPulumiType } from "../program/instances";
import { getTypeToken } from "../resource/providerText";
import type { ThreadMessage, ThreadMessageArgs } from "../thread/resource";

/** One thread of a {@link ThreadSet}. Each part may be an output of another resource. `undefined`, `null` and `""` mean "not set". */
export interface ThreadSetMemberArgs {
  /**
   * The messages that the thread begins with, used at its creation only. The API can't change them, so the provider refuses a change:
   * declare the member under another key instead. If any part is a secret, Pulumi keeps all messages of the member secret. Default: none.
   */
  messages?: pulumi.Input<pulumi.Input<ThreadMessageArgs>[]> | undefined;
  /**
   * Labels of the thread, updated in place. The provider sends the whole map. If you never set `metadata`, the provider leaves the
   * thread's metadata alone. If you set it and later remove it, the provider clears it.
   */
  metadata?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * The ID of an existing thread that the provider takes over instead of creating one. The preview verifies that it exists. The thread
   * keeps its messages, so you can't set `messages`, too. The provider refuses another ID for a member that exists: declare it under
   * another key instead. Removing `adoptId` changes nothing.
   */
  adoptId?: pulumi.Input<string> | undefined;
}

/** The arguments of a {@link ThreadSet}. Each may be an output of another resource. */
export interface ThreadSetArgs {
  /**
   * The threads by key. Adding a key creates a thread. Removing one deletes its thread and the conversation during the update, unless
   * `retain` is set. A key is a name of your choice that doesn't begin with `__`.
   */
  threads: pulumi.Input<Record<string, pulumi.Input<ThreadSetMemberArgs>>>;
  /**
   * The ID of the workspace that the threads belong to. A change replaces the set with all of its threads. Default:
   * `dashscope:workspace`, otherwise the key's own workspace.
   */
  workspace?: pulumi.Input<string> | undefined;
  /**
   * Whether the provider refuses to remove members. The option `protect` protects only the set as a whole. Default: `false`.
   */
  protectMembers?: pulumi.Input<boolean> | undefined;
  /**
   * Whether threads stay when their members, or the whole set, are removed: the provider stops managing them and deletes nothing.
   * Default: `false`.
   */
  retain?: pulumi.Input<boolean> | undefined;
}

/** One thread of a {@link ThreadSet}, as it's recorded. */
export interface ThreadSetMember {
  /** The thread ID. */
  id: string;
  /** When the thread was created, in milliseconds since the epoch. Absent if DashScope didn't say. */
  createdAt?: number | undefined;
  /** The live metadata, whether you set it or not. */
  metadata: Record<string, string>;
  /** The messages that the thread was created with, without later ones. A secret if you pass a secret. */
  messages?: ThreadMessage[] | undefined;
  /** The `adoptId` that you set. */
  adoptId?: string | undefined;
}

// Pulumi makes an output only of the properties that it's told.
const computed = { ids: undefined, workspace: undefined, baseUrl: undefined };

/**
 * A fleet of threads as one resource, for hundreds to tens of thousands. An update changes only the members that differ, and the preview
 * shows them by key. If some members fail, the others are recorded, and the next `pulumi up` continues with the rest.
 *
 * @example
 * ```ts
 * import * as dashscope from "pulumi-dashscope";
 *
 * const tenants = new dashscope.ThreadSet("tenants", {
 *   threads: {
 *     acme: { metadata: { plan: "gold" } },
 *     globex: { messages: [{ role: "user", content: "Hello" }] },
 *   },
 * });
 * export const acme = tenants.ids.apply((ids) => ids["acme"]);
 * ```
 */
export class ThreadSet extends DynamicResource {
  /** @internal The type that policy packs compare. */
  static readonly __pulumiType: string = getTypeToken("ThreadSet");

  /** The thread IDs by key. A preview of an update doesn't know them. */
  declare readonly ids: pulumi.Output<Record<string, string>>;
  /** The threads by key. A preview of a change shows the arguments instead, so `id` isn't there. */
  declare readonly threads: pulumi.Output<Record<string, ThreadSetMember>>;
  /** The workspace that the threads were created in. Absent if it's the key's own. */
  declare readonly workspace: pulumi.Output<string | undefined>;
  /** The base URL that the threads were created at, whatever is configured today: `https://dashscope.aliyuncs.com/api/v1`. */
  declare readonly baseUrl: pulumi.Output<string>;

  /**
   * Declares a set of threads.
   *
   * @param name unique among the thread sets of the stack
   * @param args the threads and how they're managed
   * @param opts Pulumi's options for resources, such as `provider` and `protect`, but not `import` and `id`
   * @throws pulumi.RunError if `opts.import` or `opts.id` is set, because a set exists only in the state of its stack; if the project
   * itself hasn't installed this package; or if the stack configuration contains an unknown `dashscope:` key
   */
  constructor(name: string, args: ThreadSetArgs, opts?: pulumi.CustomResourceOptions) {
    assertOnlyInState("ThreadSet", name, opts);
    // `threads` is passed on as it is: an output of the whole map would be secret or unknown as a whole.
    super("ThreadSet", name, { ...computed, ...args }, opts);
  }

  /**
   * Returns whether a value is a `ThreadSet`, also of another copy of the package.
   *
   * @example
   * ```ts
   * const sets = resources.filter(dashscope.ThreadSet.isInstance);
   * ```
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is ThreadSet {
    return hasPulumiType(value, ThreadSet.__pulumiType);
  }
}
