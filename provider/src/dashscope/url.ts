/** One of the two APIs that a host serves: DashScope's own, or the one that is compatible with OpenAI's. */
export type Api = "native" | "compatible";

/** Where a request goes: a base URL and, if one is named, the workspace within the account. */
export interface Endpoint {
  /** Without a trailing slash, for example `https://dashscope.aliyuncs.com/api/v1`. */
  readonly baseUrl: string;
  /** Sent as `X-DashScope-WorkSpace`. Absent: the key's own workspace. */
  readonly workspace?: string;
}

/** Whether a host name, as `URL` gives it, is one of this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Normalizes a base URL: letter case of the host and trailing slashes make no difference. Returns `undefined` if a key must not be sent
 * there: only `https:` is allowed, or `http:` to a loopback address, without a user name, a query or a fragment.
 */
export function normalizeBaseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) return undefined;
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  return isSafe ? `${url.origin}${url.pathname.replace(/\/+$/, "")}` : undefined;
}

/** Describes an endpoint in an error: `at https://dashscope.aliyuncs.com/api/v1 in workspace llm-1a2b3c`. */
export function describeEndpoint({ baseUrl, workspace }: Endpoint): string {
  return workspace === undefined ? `at ${baseUrl}` : `at ${baseUrl} in workspace ${workspace}`;
}
