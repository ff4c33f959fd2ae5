import { ConfigurationError } from "./errors";

/** Where a thread lives: a base URL and, when one is named, the workspace within the account. */
export interface Place {
  /** Without a trailing slash, for example `https://dashscope.aliyuncs.com/api/v1`. */
  readonly baseUrl: string;
  /** Sent as `X-DashScope-WorkSpace`; absent: the key's own workspace. */
  readonly workspace?: string;
}

/** One configured text and the name a person set it under, for error messages. */
export interface Named {
  readonly value: string;
  readonly name: string;
}

/** The region used when nothing names one, as in the vendor's SDKs. */
export const defaultRegion = "cn-beijing";

// Threads are documented on these two hosts; every other region follows the rule of the vendor's SDKs.
const documentedHosts: ReadonlyMap<string, string> = new Map([
  ["cn-beijing", "dashscope.aliyuncs.com"],
  ["ap-southeast-1", "dashscope-intl.aliyuncs.com"],
]);

// The SDKs' own check, because outside the documented regions the workspace becomes a host label.
const hostLabel = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * The base URL of a region.
 *
 * @throws ConfigurationError when the region is not a region's name, or needs a workspace and has none.
 */
export function baseUrlOfRegion(region: Named, workspace?: string): string {
  const documented = documentedHosts.get(region.value);
  if (documented) return `https://${documented}/api/v1`;
  if (!/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region.value)) {
    throw new ConfigurationError(
      `${region.name} must be a region such as cn-beijing or ap-southeast-1, but is ${quoted(region.value)}.`,
    );
  }
  if (workspace === undefined || !hostLabel.test(workspace)) {
    throw new ConfigurationError(
      `${region.name} is ${quoted(region.value)}, whose address begins with a workspace: set dashscope:workspace or DASHSCOPE_WORKSPACE_ID to the id of one (letters, digits, - and _)${workspace === undefined ? "" : `; it is ${quoted(workspace)}`}.`,
    );
  }
  return `https://${workspace.toLowerCase()}.${region.value}.maas.aliyuncs.com/api/v1`;
}

/**
 * The canonical form of a configured base URL: letter case of the host and trailing slashes make no difference.
 *
 * @throws ConfigurationError when it is no `https:` URL (or `http:` to a loopback address), or carries a
 * user name, a query or a fragment.
 */
export function canonicalBaseUrl(baseUrl: Named): string {
  const wanted =
    "must be a URL such as https://dashscope.aliyuncs.com/api/v1 (http: only to a loopback address)";
  const url = URL.canParse(baseUrl.value) ? new URL(baseUrl.value) : undefined;
  if (url === undefined) throw new ConfigurationError(`${baseUrl.name} ${wanted}, but is not a URL.`);
  if (url.username || url.password || url.search || url.hash) {
    throw new ConfigurationError(`${baseUrl.name} ${wanted}, without a user name, a query or a fragment.`);
  }
  const safe = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  if (!safe) {
    throw new ConfigurationError(
      `${baseUrl.name} ${wanted}, but is ${quoted(`${url.protocol}//${url.host}`)}.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/**
 * The workspace as it is sent, in a header.
 *
 * @throws ConfigurationError when it is empty or has characters that no workspace id has.
 */
export function checkedWorkspace(workspace: Named): string {
  if (/^[\x21-\x7e]{1,128}$/.test(workspace.value)) return workspace.value;
  throw new ConfigurationError(
    `${workspace.name} must be the id of a workspace, such as llm-1a2b3c, but is ${quoted(workspace.value)}.`,
  );
}

/** A place as an error names it: `at https://dashscope.aliyuncs.com/api/v1 in workspace llm-1a2b3c`. */
export function at({ baseUrl, workspace }: Place): string {
  return workspace === undefined ? `at ${baseUrl}` : `at ${baseUrl} in workspace ${workspace}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
