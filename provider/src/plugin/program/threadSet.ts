import type * as pulumi from "@pulumi/pulumi";
import { assertOnlyInState, hasPulumiType } from "../../program/instances";
import { getPluginTypeToken } from "../../resource/providerText";
import type { ThreadSet as DynamicThreadSet, ThreadSetArgs } from "../../threadSet/resource";
import { PluginResource } from "./pluginResource";

// Pulumi makes an output only of the properties that it's told.
const computed = { ids: undefined, workspace: undefined, baseUrl: undefined };

/**
 * A fleet of threads as one resource, for hundreds to tens of thousands. An update changes only the members that differ, and the preview
 * shows them by key. If some members fail, the others are recorded, and the next `pulumi up` continues with the rest.
 *
 * @example
 * ```ts
 * import * as dashscope from "pulumi-dashscope/plugin";
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
export class ThreadSet extends PluginResource implements DynamicThreadSet {
  /** @internal The type that policy packs compare. */
  static readonly __pulumiType: string = getPluginTypeToken("ThreadSet");

  /** The thread IDs by key. A preview knows those of the members that exist. */
  declare readonly ids: DynamicThreadSet["ids"];
  /** The threads by key. A preview knows those that exist. */
  declare readonly threads: DynamicThreadSet["threads"];
  declare readonly workspace: DynamicThreadSet["workspace"];
  declare readonly baseUrl: DynamicThreadSet["baseUrl"];

  /**
   * Declares a set of threads.
   *
   * @param name unique among the thread sets of the stack
   * @param args the threads and how they're managed
   * @param opts Pulumi's options for resources, such as `provider`, `protect` and `customTimeouts`, but not `import` and `id`
   * @throws pulumi.RunError if `opts.import` or `opts.id` is set, because a set exists only in the state of its stack; or if the stack
   * configuration contains an unknown `dashscope:` key
   */
  constructor(name: string, args: ThreadSetArgs, opts?: pulumi.CustomResourceOptions) {
    assertOnlyInState("ThreadSet", name, opts);
    // `threads` is passed on as it is: an output of the whole map would be secret or unknown as a whole.
    super("ThreadSet", name, { ...computed, ...args }, opts);
  }

  /**
   * Returns whether a value is a `ThreadSet` of the provider plugin, also of another copy of the package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is ThreadSet {
    return hasPulumiType(value, ThreadSet.__pulumiType);
  }
}
