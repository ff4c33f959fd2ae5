import * as pulumi from "@pulumi/pulumi";
import { convertArguments, type ProviderArgs as DynamicProviderArgs } from "../../program/provider";
import { assertKnownKeys } from "../../program/stackConfig";

/**
 * The arguments of a {@link Provider}. An argument that isn't set, or resolves to `undefined`, `null` or `""`, comes from the environment.
 * The stack's `dashscope:*` configuration isn't used.
 */
export interface ProviderArgs extends Omit<DynamicProviderArgs, "inheritConfig"> {}

/**
 * One DashScope account, for programs with several. Each provider runs in its own process, so accounts share neither keys nor cooldowns.
 *
 * @example
 * ```ts
 * const singapore = new dashscope.Provider("singapore", {
 *   apiKey: config.requireSecret("singaporeKey"),
 *   region: "ap-southeast-1",
 * });
 * new dashscope.Thread("support", { metadata: { env: "prod" } }, { provider: singapore });
 * ```
 */
export class Provider extends pulumi.ProviderResource {
  /** @internal The package of the plugin. */
  static readonly __pulumiType: string = "dashscope";

  /**
   * Declares an account.
   *
   * @param name unique among the providers of the stack
   * @param args the key and the settings of the account
   * @param opts Pulumi's options for resources
   * @throws pulumi.RunError if an argument isn't one of {@link ProviderArgs}
   */
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    assertKnownKeys();
    super(Provider.__pulumiType, name, convertArguments(name, args ?? {}, []), opts);
  }

  /**
   * Returns whether a value is a `Provider` of the provider plugin, also of another copy of the package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is Provider {
    return (
      pulumi.ProviderResource.isInstance(value) &&
      "__pulumiType" in value &&
      value.__pulumiType === `pulumi:providers:${Provider.__pulumiType}`
    );
  }
}
