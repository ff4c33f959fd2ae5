/** One setting: a key of `dashscope:` in the stack configuration, an argument of `Provider`, and an environment variable. */
interface Setting {
  readonly environment: string;
  readonly kind: "string" | "seconds" | "count" | "boolean";
  readonly default?: string | number | boolean;
  /** The least value of a count. */
  readonly least?: number;
  readonly secret?: true;
  /** Whether a `Provider` takes it as an argument. */
  readonly argument: boolean;
  /** One sentence for the documentation. */
  readonly description: string;
}

/** Every setting. Types, keys, environment names, defaults and the page on configuration derive from this table. */
export const settings = {
  apiKey: {
    environment: "DASHSCOPE_API_KEY",
    kind: "string",
    secret: true,
    argument: true,
    description:
      "The API key. After the environment variable come the file that `DASHSCOPE_API_KEY_FILE_PATH` names and `~/.dashscope/api_key`.",
  },
  region: {
    environment: "DASHSCOPE_API_REGION",
    kind: "string",
    default: "cn-beijing",
    argument: true,
    description: "The region whose endpoint is used, such as `ap-southeast-1`.",
  },
  baseUrl: {
    environment: "DASHSCOPE_HTTP_BASE_URL",
    kind: "string",
    argument: true,
    description:
      "The base URL. `http:` is allowed only to a loopback address. If it isn't set, the region decides.",
  },
  compatibleBaseUrl: {
    environment: "DASHSCOPE_COMPATIBLE_BASE_URL",
    kind: "string",
    argument: true,
    description:
      "The base URL of the Conversations API. If it isn't set, it's the endpoint's host with `/compatible-mode/v1`.",
  },
  workspace: {
    environment: "DASHSCOPE_WORKSPACE_ID",
    kind: "string",
    argument: true,
    description: "The workspace ID. If it isn't set, the key's own workspace is used.",
  },
  connectTimeout: {
    environment: "DASHSCOPE_CONNECT_TIMEOUT",
    kind: "seconds",
    default: 10,
    argument: true,
    description: "Seconds to establish a connection.",
  },
  requestTimeout: {
    environment: "DASHSCOPE_REQUEST_TIMEOUT",
    kind: "seconds",
    default: 60,
    argument: true,
    description: "Seconds for one attempt.",
  },
  operationTimeout: {
    environment: "DASHSCOPE_OPERATION_TIMEOUT",
    kind: "seconds",
    default: 300,
    argument: true,
    description: "Seconds for one operation with its retries and cooldowns, from its first turn on.",
  },
  maxRetries: {
    environment: "DASHSCOPE_MAX_RETRIES",
    kind: "count",
    default: 5,
    least: 0,
    argument: true,
    description: "How often a failed attempt is repeated. Throttled attempts don't count.",
  },
  maxConcurrency: {
    environment: "DASHSCOPE_MAX_CONCURRENCY",
    kind: "count",
    default: 16,
    least: 1,
    argument: true,
    description: "How many requests are under way at once.",
  },
  silenceDeprecation: {
    environment: "DASHSCOPE_SILENCE_DEPRECATION",
    kind: "boolean",
    default: false,
    argument: false,
    description: "Whether to leave out the deprecation notice: `1`, `true` or `yes`.",
  },
} as const satisfies Record<string, Setting>;

/** A key of the namespace `dashscope`. */
export type SettingKey = keyof typeof settings;

/** A setting that a `Provider` takes as an argument. */
export type ArgumentKey = {
  [K in SettingKey]: (typeof settings)[K]["argument"] extends true ? K : never;
}[SettingKey];

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settings, key);
}

/** All keys, in the order of the table. */
export const settingKeys: readonly SettingKey[] = Object.keys(settings).filter(isSettingKey);

/** The keys that are arguments of a `Provider`. */
export const argumentKeys: readonly ArgumentKey[] = settingKeys.filter(
  (key): key is ArgumentKey => settings[key].argument,
);

/** Whether a string means yes, in any case: `1`, `true` or `yes`. */
export function parseBoolean(text: string | undefined): boolean {
  return /^(1|true|yes)$/i.test(text?.trim() ?? "");
}
