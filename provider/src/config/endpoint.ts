import { ConfigurationError } from "../dashscope/errors";
import { quoteText } from "../dashscope/quote";
import { type Api, normalizeBaseUrl } from "../dashscope/url";
import type { Found } from "./configuration";

// Threads are documented on these two hosts. Every other region follows the rule of DashScope's SDKs.
const documentedHosts: ReadonlyMap<string, string> = new Map([
  ["cn-beijing", "dashscope.aliyuncs.com"],
  ["ap-southeast-1", "dashscope-intl.aliyuncs.com"],
]);

// The SDKs' own check, because outside the documented regions the workspace ID becomes a label of the host name.
const hostLabel = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The paths of the two APIs on one host. */
export const apiPaths: Readonly<Record<Api, string>> = {
  native: "/api/v1",
  compatible: "/compatible-mode/v1",
};

/**
 * Returns the base URL of a region.
 *
 * @throws ConfigurationError if it isn't a region's name, or needs a workspace ID and has none
 */
export function resolveRegion(region: Found, api: Api, workspace: string | undefined): string {
  const documented = documentedHosts.get(region.value);
  if (documented) return `https://${documented}${apiPaths[api]}`;
  if (!/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region.value)) {
    throw new ConfigurationError(
      `${region.name} must be a region such as cn-beijing or ap-southeast-1, but it's ${quoteText(region.value)}.`,
    );
  }
  if (workspace === undefined || !hostLabel.test(workspace)) {
    throw new ConfigurationError(
      `${region.name} is ${quoteText(region.value)}, whose host name begins with a workspace ID: set \`dashscope:workspace\` to one that consists of letters, digits, \`-\` and \`_\`${workspace === undefined ? "" : `. It's ${quoteText(workspace)}`}.`,
    );
  }
  return `https://${workspace.toLowerCase()}.${region.value}.maas.aliyuncs.com${apiPaths[api]}`;
}

/** Returns the base URL of one API on the host of the other's. */
export function deriveBaseUrl(other: string, api: Api): string {
  return `${new URL(other).origin}${apiPaths[api]}`;
}

/**
 * Checks and normalizes a configured base URL.
 *
 * @throws ConfigurationError if a key must not be sent there
 */
export function parseBaseUrl(found: Found): string {
  const normalized = normalizeBaseUrl(found.value);
  if (normalized !== undefined) return normalized;
  throw new ConfigurationError(
    `${found.name} must be an \`https:\` URL such as https://dashscope.aliyuncs.com/api/v1 (\`http:\` only to a loopback address), without a user name, a query or a fragment.`,
  );
}

/**
 * Checks a workspace ID, which is sent in a header.
 *
 * @throws ConfigurationError if it's empty or has a character that no workspace ID has
 */
export function parseWorkspace(found: Found): string {
  if (/^[\x21-\x7e]{1,128}$/.test(found.value)) return found.value;
  throw new ConfigurationError(
    `${found.name} must be a workspace ID such as llm-1a2b3c, but it's ${quoteText(found.value)}.`,
  );
}
