import type { Client, ClientOptions, ClientSettings } from "../dashscope/client";
import { ConfigurationError } from "../dashscope/errors";
import { computeFingerprint } from "../dashscope/fingerprint";
import { quoteText } from "../dashscope/quote";
import type { Api, Endpoint } from "../dashscope/url";
import { type Credential, resolveCredential } from "./credentials";
import { deriveBaseUrl, parseBaseUrl, parseWorkspace, resolveRegion } from "./endpoint";
import { type SettingKey, settings } from "./settings";

/** A configured string, and the name of the setting for messages. */
export interface Found {
  readonly value: string;
  /** With backticks: `` `dashscope:region` ``. */
  readonly name: string;
}

/** Where a value comes from. Earlier ones win. */
const ranks = { resource: 0, provider: 1, stack: 2, environment: 3, default: 4 } as const;

/** The source of a value. */
export type Source = keyof typeof ranks;

/** Whether someone named a value for this stack. The environment and defaults say nothing about what exists. */
export function isNamed(source: Source): boolean {
  return ranks[source] < ranks.environment;
}

/** Returns the value of a key, if it's set. */
export type Lookup = (key: SettingKey) => string | undefined;

/** An endpoint that was resolved from the configuration. */
export interface ResolvedEndpoint {
  readonly endpoint: Endpoint;
  /** What decides the base URL. */
  readonly baseUrlSource: Source;
  /** The name of the setting that decides the base URL. */
  readonly baseUrlName: string;
  readonly workspaceSource: Source;
  readonly workspaceName: string;
}

/** What one account is configured to be. Order: arguments of a `Provider`, stack configuration, environment, defaults. */
export class Configuration {
  readonly #environment: NodeJS.ProcessEnv;
  #credential: Credential | undefined;
  readonly #sources: readonly {
    readonly source: Source;
    readonly find: (key: SettingKey) => Found | undefined;
  }[];

  constructor(
    environment: NodeJS.ProcessEnv,
    lookups: { readonly provider?: Lookup; readonly stack?: Lookup } = {},
  ) {
    this.#environment = environment;
    const { provider, stack } = lookups;
    this.#sources = [
      { source: "provider", find: (key) => asFound(`The Provider's \`${key}\``, provider?.(key)) },
      { source: "stack", find: (key) => asFound(`\`dashscope:${key}\``, stack?.(key)) },
      {
        source: "environment",
        find: (key) => asFound(`\`${settings[key].environment}\``, environment[settings[key].environment]),
      },
    ];
  }

  /**
   * Returns the API key, always the same one: a key file that's gone in the middle of an operation must not make it fail.
   *
   * @throws DashScopeError `DASHSCOPE_ERR_NO_KEY` if there is no key
   */
  resolveCredential(): Credential {
    this.#credential ??= resolveCredential(this.#findKey()?.found, this.#environment);
    return this.#credential;
  }

  /** @throws DashScopeError `DASHSCOPE_ERR_NO_KEY` if there is no key */
  computeFingerprint({ baseUrl }: Endpoint): string {
    return computeFingerprint(baseUrl, this.resolveCredential().key);
  }

  /** Whether the environment confirms that this object is gone, whatever key says so. */
  confirmsGone(id: string): boolean {
    return (this.#environment["DASHSCOPE_CONFIRM_GONE"] ?? "").split(/[\s,]+/).includes(id);
  }

  /**
   * Resolves where a new object of one of the APIs is created, or, with `recorded`, where an existing one is to be. A base URL or a
   * workspace that only the environment or a default names leaves the recorded one as it is.
   *
   * @param workspace the resource's own argument
   * @throws ConfigurationError if a region, a base URL or a workspace ID can't be right
   */
  resolveEndpoint(api: Api, workspace?: string, recorded?: Endpoint): ResolvedEndpoint {
    const own = asFound("`workspace`", workspace);
    const found = own ? { source: "resource" as const, found: own } : this.#findWorkspace();
    const keepsWorkspace = recorded !== undefined && !(found && isNamed(found.source));
    const id = keepsWorkspace ? recorded.workspace : found && parseWorkspace(found.found);
    const { source, name, resolve } = this.#findBaseUrl(api);
    const keepsBaseUrl = recorded !== undefined && !isNamed(source);
    const baseUrl = keepsBaseUrl ? recorded.baseUrl : resolve(id);
    return {
      endpoint: { baseUrl, ...(id !== undefined && { workspace: id }) },
      baseUrlSource: source,
      baseUrlName: name,
      workspaceSource: found?.source ?? "default",
      workspaceName: found?.found.name ?? "`workspace`",
    };
  }

  /** @throws ConfigurationError if a value isn't a number in range */
  resolveClientSettings(): ClientSettings {
    return {
      connectTimeout: this.#parseNumber("connectTimeout"),
      requestTimeout: this.#parseNumber("requestTimeout"),
      operationTimeout: this.#parseNumber("operationTimeout"),
      maxRetries: this.#parseNumber("maxRetries"),
      maxConcurrency: this.#parseNumber("maxConcurrency"),
    };
  }

  #find(key: SettingKey): { source: Source; found: Found } | undefined {
    for (const { source, find } of this.#sources) {
      const found = find(key);
      if (found) return { source, found };
    }
    return undefined;
  }

  #findKey(): { source: Source | "override"; found: Found } | undefined {
    const name = "DASHSCOPE_OVERRIDE_API_KEY";
    const override = asFound(`\`${name}\``, this.#environment[name]);
    return override ? { source: "override", found: override } : this.#find("apiKey");
  }

  /** The workspace belongs to the key, so it never comes from a later source than the key does. */
  #findWorkspace(): { source: Source; found: Found } | undefined {
    const key = this.#findKey();
    const workspace = this.#find("workspace");
    if (key === undefined || workspace === undefined) return workspace;
    if (key.source === "override") return isNamed(workspace.source) ? workspace : undefined;
    return ranks[workspace.source] <= ranks[key.source] ? workspace : undefined;
  }

  /** The first source that sets a base URL or a region decides. Within a source, a base URL wins. */
  #findBaseUrl(api: Api): {
    source: Source;
    name: string;
    resolve: (workspace: string | undefined) => string;
  } {
    const [own, other] =
      api === "native"
        ? (["baseUrl", "compatibleBaseUrl"] as const)
        : (["compatibleBaseUrl", "baseUrl"] as const);
    for (const { source, find } of this.#sources) {
      const url = find(own);
      if (url) return { source, name: url.name, resolve: () => parseBaseUrl(url) };
      const otherUrl = find(other);
      if (otherUrl)
        return { source, name: otherUrl.name, resolve: () => deriveBaseUrl(parseBaseUrl(otherUrl), api) };
      const region = find("region");
      if (region)
        return { source, name: region.name, resolve: (workspace) => resolveRegion(region, api, workspace) };
    }
    const region = { value: settings.region.default, name: "`dashscope:region`" };
    return {
      source: "default",
      name: region.name,
      resolve: (workspace) => resolveRegion(region, api, workspace),
    };
  }

  #parseNumber(key: keyof ClientSettings): number {
    const found = this.#find(key)?.found;
    const setting = settings[key];
    if (found === undefined) return setting.default;
    const value = found.value.trim() === "" ? Number.NaN : Number(found.value);
    if (setting.kind === "count") {
      if (Number.isInteger(value) && value >= setting.least && value <= 1000) return value;
      throw buildNumberError(found, `an integer from ${setting.least} to 1000`);
    }
    // The longest that a timer of Node.js can wait is 24 days. A day is longer than any sensible limit here.
    if (value > 0 && value <= 86_400) return value;
    throw buildNumberError(found, "a number of seconds above 0 and up to 86400");
  }
}

/** Returns a function that loads the client of one account, with `undici`, when the first request needs it. */
export function createClientLoader(
  configuration: Configuration,
  options: Pick<ClientOptions, "journal" | "reportWait" | "interruption"> = {},
): () => Promise<Client> {
  let client: Promise<Client> | undefined;
  return () => {
    client ??= import("../dashscope/client").then(
      ({ Client }) =>
        new Client({
          ...options,
          getCredential: () => configuration.resolveCredential(),
          settings: configuration.resolveClientSettings(),
        }),
    );
    return client;
  };
}

function buildNumberError(found: Found, wanted: string): ConfigurationError {
  return new ConfigurationError(`${found.name} must be ${wanted}, but it's ${quoteText(found.value)}.`);
}

/** An empty string isn't set, as in DashScope's SDKs. */
function asFound(name: string, value: string | undefined): Found | undefined {
  return value === undefined || value === "" ? undefined : { value, name };
}
