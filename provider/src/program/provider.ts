import * as pulumi from "@pulumi/pulumi";
import { type ArgumentKey, argumentKeys } from "../config/settings";
import { describeUnknownArgument } from "../config/unknownKeys";
import { assertKnownKeys } from "./stackConfig";

/**
 * The arguments of a {@link Provider}. An argument that isn't set, or resolves to `undefined`, `null` or `""`, comes from the environment.
 * The stack's `dashscope:*` configuration isn't used.
 */
export interface ProviderArgs extends Arguments {
  /** The API key of the account. Always a secret in the state. Default: `DASHSCOPE_API_KEY`, then the key files. */
  apiKey?: pulumi.Input<string> | undefined;
  /** The region whose endpoint is used, such as `ap-southeast-1`. Default: `DASHSCOPE_API_REGION`, then `cn-beijing`. */
  region?: pulumi.Input<string> | undefined;
  /**
   * The base URL, such as `https://gateway.example/api/v1`. It wins over `region`. Default: `DASHSCOPE_HTTP_BASE_URL`, then the
   * region's.
   */
  baseUrl?: pulumi.Input<string> | undefined;
  /**
   * The base URL of the Conversations API, such as `https://gateway.example/compatible-mode/v1`. Default: derived from `baseUrl` or
   * the region.
   */
  compatibleBaseUrl?: pulumi.Input<string> | undefined;
  /**
   * The workspace ID, such as `llm-1a2b3c`. Default: `DASHSCOPE_WORKSPACE_ID` if the key also comes from the environment, otherwise the
   * key's own workspace.
   */
  workspace?: pulumi.Input<string> | undefined;
  /** Seconds to establish a connection. Default: `DASHSCOPE_CONNECT_TIMEOUT`, then 10. */
  connectTimeout?: pulumi.Input<number> | undefined;
  /** Seconds for one attempt. Default: `DASHSCOPE_REQUEST_TIMEOUT`, then 60. */
  requestTimeout?: pulumi.Input<number> | undefined;
  /**
   * Seconds for one operation, with its retries and cooldowns. The provider sends a create only while a whole attempt (`requestTimeout`,
   * at most half of this) still fits. Default: `DASHSCOPE_OPERATION_TIMEOUT`, then 300.
   */
  operationTimeout?: pulumi.Input<number> | undefined;
  /** How often a failed attempt is repeated. Throttled attempts don't count. Default: `DASHSCOPE_MAX_RETRIES`, then 5. */
  maxRetries?: pulumi.Input<number> | undefined;
  /** How many requests are under way at once. Default: `DASHSCOPE_MAX_CONCURRENCY`, then 16. */
  maxConcurrency?: pulumi.Input<number> | undefined;
  /**
   * Whether to pass the stack configuration of other packages to this provider's process, for the other dynamic resources of a component
   * that has this provider in `providers`. Every change of the configuration then shows as an update of the provider. Default: false.
   */
  inheritConfig?: boolean | undefined;
}

/** The table of settings and the interface have the same keys. */
type Arguments = { [K in ArgumentKey]?: pulumi.Input<string | number> | undefined };

/**
 * One DashScope account, for programs with several. Each provider runs in its own process, so accounts share neither keys nor cooldowns.
 *
 * It's a provider of the package `pulumi-nodejs`. In a component's `providers`, it also hosts all other dynamic resources of the
 * component, without the stack configuration: pass it as `provider` to each thread, or set `inheritConfig`.
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
  /** @internal The arguments, for the lookups that the program itself makes. */
  readonly given: pulumi.Output<Partial<Record<ArgumentKey, string>>>;

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
    const given = convertArguments(name, args ?? {}, ["inheritConfig"]);
    const inherited = args?.inheritConfig === true ? readOtherConfiguration() : {};
    const named = Object.entries(given).map(([key, value]) => [`dashscope:${key}`, value]);
    // The host looks a bare key up as one of the project, so each has its namespace.
    super(
      "pulumi-nodejs",
      name,
      { ...inherited, ...Object.fromEntries(named), "dashscope:explicit": "true" },
      opts,
    );
    this.given = pulumi.output(given);
  }

  /**
   * Returns whether a value is a `Provider` of this package, also of another copy of it.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is Provider {
    return pulumi.ProviderResource.isInstance(value) && "given" in value;
  }
}

/**
 * Turns the arguments of a provider into strings, which is what its configuration consists of. An empty one isn't set.
 *
 * @param others the names of the arguments that aren't settings
 * @throws pulumi.RunError if an argument is neither
 */
export function convertArguments(
  name: string,
  args: Arguments,
  others: readonly string[],
): Partial<Record<ArgumentKey, pulumi.Output<string>>> {
  const known: readonly string[] = [...argumentKeys, ...others];
  const wrong = Object.keys(args).find((key) => !known.includes(key));
  if (wrong !== undefined) throw new pulumi.RunError(describeUnknownArgument(wrong, name, others));
  const given = argumentKeys.flatMap((key) => {
    const value = args[key];
    if (value === undefined || value === null) return [];
    const text = pulumi
      .output(value)
      .apply((known: string | number | null | undefined) => String(known ?? ""));
    return [[key, key === "apiKey" ? pulumi.secret(text) : text]];
  });
  return Object.fromEntries(given);
}

/** The stack configuration without this package's. Pulumi doesn't tell which values are secret, so they all are. */
function readOtherConfiguration(): Record<string, pulumi.Output<string>> {
  const other = Object.entries(pulumi.runtime.allConfig()).filter(([name]) => !name.startsWith("dashscope:"));
  return Object.fromEntries(other.map(([name, value]) => [name, pulumi.secret(value)]));
}
