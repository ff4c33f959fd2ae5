import * as pulumi from "@pulumi/pulumi";
import { explicitBag, valuesOf } from "./configBag";
import { type Key, keys } from "./configuration";
import { configOfStack } from "./stackConfig";

/** The arguments of a {@link Provider}; what is left out comes from the environment, then from the stack's configuration. */
export interface ProviderArgs {
  /** The account's API key; always a secret in the state. Default: `DASHSCOPE_API_KEY`, `dashscope:apiKey`, then the key files. */
  apiKey?: pulumi.Input<string> | undefined;
  /**
   * The Model Studio region whose endpoint is used, such as `ap-southeast-1`. Default: `DASHSCOPE_API_REGION`, `dashscope:region`,
   * then `cn-beijing`.
   */
  region?: pulumi.Input<string> | undefined;
  /**
   * An endpoint of your own, such as `https://gateway.example/api/v1`; wins over `region`. Default: `DASHSCOPE_HTTP_BASE_URL`,
   * `dashscope:baseUrl`, then the region's.
   */
  baseUrl?: pulumi.Input<string> | undefined;
  /**
   * The id of the workspace, such as `llm-1a2b3c`. Default: `DASHSCOPE_WORKSPACE_ID`, `dashscope:workspace`, then the key's own.
   */
  workspace?: pulumi.Input<string> | undefined;
  /** Seconds to establish a connection. Default: `DASHSCOPE_CONNECT_TIMEOUT`, `dashscope:connectTimeout`, then 10. */
  connectTimeout?: pulumi.Input<number> | undefined;
  /** Seconds for one attempt. Default: `DASHSCOPE_REQUEST_TIMEOUT`, `dashscope:requestTimeout`, then 60. */
  requestTimeout?: pulumi.Input<number> | undefined;
  /**
   * Seconds for one operation, with its retries and pauses; a create is only begun while a whole attempt (`requestTimeout`, at most
   * half of this) still fits. Default: `DASHSCOPE_OPERATION_TIMEOUT`, `dashscope:operationTimeout`, then 300.
   */
  operationTimeout?: pulumi.Input<number> | undefined;
  /**
   * How often a failed attempt is repeated; throttled attempts do not count. Default: `DASHSCOPE_MAX_RETRIES`,
   * `dashscope:maxRetries`, then 5.
   */
  maxRetries?: pulumi.Input<number> | undefined;
  /** Requests under way at once. Default: `DASHSCOPE_MAX_CONCURRENCY`, `dashscope:maxConcurrency`, then 16. */
  maxConcurrency?: pulumi.Input<number> | undefined;
}

/**
 * One DashScope account, for programs with several. Each provider runs in a process of its own, so that accounts share neither
 * key nor pauses.
 *
 * ```ts
 * const singapore = new dashscope.Provider("singapore", {
 *   apiKey: config.requireSecret("singaporeKey"),
 *   region: "ap-southeast-1",
 * });
 * new dashscope.Thread("support", { metadata: { env: "prod" } }, { provider: singapore });
 * ```
 */
export class Provider extends pulumi.ProviderResource {
  /** @internal What was given, for the lookups that the program itself makes. */
  readonly given: pulumi.Output<Partial<Record<Key, string>>>;

  /**
   * Declares an account.
   *
   * @param name unique among the providers of the stack
   * @param args the account's key and settings
   * @param opts Pulumi's options for resources
   * @throws pulumi.RunError when an argument is not one of {@link ProviderArgs}
   */
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const given = textsOf(name, args);
    super("pulumi-nodejs", name, explicitBag(given, pulumi.secret(JSON.stringify(configOfStack()))), opts);
    this.given = pulumi.output(given);
  }
}

/** The host's configuration bag holds texts only. */
function textsOf(name: string, args: ProviderArgs): Partial<Record<Key, pulumi.Output<string>>> {
  const wrong = Object.keys(args).find((key) => !keys.some((known) => known === key));
  if (wrong !== undefined) {
    throw new pulumi.RunError(
      `${wrong} is not an argument of a dashscope.Provider ("${name}"), which has ${keys.join(", ")}.`,
    );
  }
  return valuesOf((key) => {
    const value = args[key];
    if (value === undefined) return undefined;
    const text = pulumi.output(value).apply(String);
    return key === "apiKey" ? pulumi.secret(text) : text;
  });
}
