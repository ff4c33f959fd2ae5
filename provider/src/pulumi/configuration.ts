import { apiKey } from "../dashscope/credentials";
import { ConfigurationError } from "../dashscope/errors";
import {
  baseUrlOfRegion,
  canonicalBaseUrl,
  checkedWorkspace,
  defaultRegion,
  type Named,
  type Place,
} from "../dashscope/place";
import { defaultSettings, type Settings, settingKeys } from "../dashscope/settings";

/** The configuration keys of namespace `dashscope`, each with the environment variable that says the same. */
export const environmentNames = {
  apiKey: "DASHSCOPE_API_KEY",
  region: "DASHSCOPE_API_REGION",
  baseUrl: "DASHSCOPE_HTTP_BASE_URL",
  workspace: "DASHSCOPE_WORKSPACE_ID",
  connectTimeout: "DASHSCOPE_CONNECT_TIMEOUT",
  requestTimeout: "DASHSCOPE_REQUEST_TIMEOUT",
  operationTimeout: "DASHSCOPE_OPERATION_TIMEOUT",
  maxRetries: "DASHSCOPE_MAX_RETRIES",
  maxConcurrency: "DASHSCOPE_MAX_CONCURRENCY",
} as const;

/** One of the configuration keys. */
export type Key = keyof typeof environmentNames;

/** All of them. */
export const keys: readonly Key[] = ["apiKey", "region", "baseUrl", "workspace", ...settingKeys];

/** Looks a value up by its key, as Pulumi's `Config` does. */
type Lookup = (key: Key) => string | undefined;

/**
 * What is configured: by the arguments of a `Provider` first, then by the environment, then by the stack. The environment
 * comes before the stack because `refresh` and `destroy` run with the stack's configuration as it was at the last `up`, and a
 * key that was rotated since must work.
 */
export class Configuration {
  readonly #ofProvider: Lookup;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #ofStack: Lookup;

  constructor(environment: NodeJS.ProcessEnv, ofStack: Lookup, ofProvider: Lookup = () => undefined) {
    this.#environment = environment;
    this.#ofStack = ofStack;
    this.#ofProvider = ofProvider;
  }

  /** @throws MissingKeyError when there is none anywhere */
  apiKey(): string {
    return apiKey(this.#find("apiKey")?.value, this.#environment);
  }

  /**
   * Where a thread is created.
   *
   * @param declared what is said of this thread itself; default: what is configured
   * @throws ConfigurationError when a region, base URL or workspace cannot be right
   */
  place(declared: Partial<Place> = {}): Place {
    const workspace = asNamed("workspace", declared.workspace) ?? this.#find("workspace");
    const checked = workspace && checkedWorkspace(workspace);
    const baseUrl = asNamed("baseUrl", declared.baseUrl) ?? this.#find("baseUrl");
    const region = this.#find("region") ?? { value: defaultRegion, name: "dashscope:region" };
    return {
      baseUrl: baseUrl ? canonicalBaseUrl(baseUrl) : baseUrlOfRegion(region, checked),
      ...(checked !== undefined && { workspace: checked }),
    };
  }

  /** @throws ConfigurationError when one is not a number that can be right */
  settings(): Settings {
    return {
      connectTimeout: this.#seconds("connectTimeout"),
      requestTimeout: this.#seconds("requestTimeout"),
      operationTimeout: this.#seconds("operationTimeout"),
      maxRetries: this.#count("maxRetries", 0),
      maxConcurrency: this.#count("maxConcurrency", 1),
    };
  }

  #find(key: Key): Named | undefined {
    const variable = environmentNames[key];
    return (
      asNamed(`The Provider's ${key}`, this.#ofProvider(key)) ??
      // A variable that is set to nothing is not set, as in the vendor's SDKs.
      asNamed(variable, this.#environment[variable] || undefined) ??
      asNamed(`dashscope:${key}`, this.#ofStack(key))
    );
  }

  // The longest that a timer of Node's can wait is 24 days; a day is longer than any sensible limit here.
  #seconds(key: keyof Settings): number {
    return this.#number(key, "a number of seconds above 0 and up to 86400", (n) => n > 0 && n <= 86_400);
  }

  #count(key: keyof Settings, least: number): number {
    return this.#number(
      key,
      `a whole number from ${least} to 1000`,
      (n) => Number.isInteger(n) && n >= least && n <= 1000,
    );
  }

  #number(key: keyof Settings, wanted: string, isRight: (value: number) => boolean): number {
    const found = this.#find(key);
    if (found === undefined) return defaultSettings[key];
    const value = found.value.trim() === "" ? Number.NaN : Number(found.value);
    if (isRight(value)) return value;
    throw new ConfigurationError(
      `${found.name} must be ${wanted}, but is ${JSON.stringify(found.value.slice(0, 40))}.`,
    );
  }
}

function asNamed(name: string, value: string | undefined): Named | undefined {
  return value === undefined ? undefined : { value, name };
}
