import { type Configuration, isNamed, type ResolvedEndpoint } from "../config/configuration";
import type { Api, Endpoint } from "../dashscope/url";
import type { Account } from "./lifecycle";
import { hasUnknown, unknown } from "./unknown";

/** Where a declared object is, after a check. */
export interface Location {
  readonly endpoint: Endpoint;
  /** Set if the endpoint differs from the recorded one: which setting moved it, from where to where. */
  readonly move?: string;
  /** Set if the environment differs from the record, so that a replacement would be created elsewhere. */
  readonly ambient?: string;
}

/** Returns the recorded endpoint, or `undefined` if the state is of a release that recorded none. */
export function readEndpoint(recorded: {
  readonly baseUrl?: unknown;
  readonly workspace?: unknown;
}): Endpoint | undefined {
  const { baseUrl, workspace } = recorded;
  if (typeof baseUrl !== "string" || baseUrl === "") return undefined;
  return { baseUrl, ...(typeof workspace === "string" && workspace !== "" && { workspace }) };
}

/**
 * Locates a declared object. A recorded one stays where it is, unless an argument, the `Provider` or the stack configuration names
 * another endpoint.
 *
 * @param given the resource's own `workspace`, if it's set
 * @param isKept whether `ignoreChanges` put the recorded base URL back into the inputs, which no program sets
 * @throws ConfigurationError if a region, a base URL or a workspace ID can't be right
 */
export function locate(
  api: Api,
  configuration: Configuration,
  recorded: Endpoint | undefined,
  given: unknown,
  isKept = false,
): Location {
  const workspace = typeof given === "string" ? given : undefined;
  if (isKept && recorded !== undefined) {
    const kept = workspace ?? recorded.workspace;
    return { endpoint: { baseUrl: recorded.baseUrl, ...(kept !== undefined && { workspace: kept }) } };
  }
  const resolved = configuration.resolveEndpoint(api, workspace, recorded);
  const endpoint = hideUnknownHost(resolved.endpoint);
  if (recorded === undefined) return { endpoint };
  const move = describeMove(recorded, resolved);
  // A replacement is checked without the recorded inputs, so it's created where this points.
  const fresh = configuration.resolveEndpoint(api, workspace);
  const ambient = describeAmbient(resolved.endpoint, fresh);
  return { endpoint, ...(move && { move }), ...(ambient && { ambient }) };
}

/**
 * Takes a base URL out of inputs. No program sets it: `ignoreChanges` puts the recorded one back, and any other stays, so that the
 * schema refuses it.
 */
export function separateBaseUrl(
  olds: { readonly baseUrl?: unknown },
  news: Readonly<Record<string, unknown>>,
): { readonly declared: Record<string, unknown>; readonly isKept: boolean } {
  const { baseUrl, ...declared } = news;
  const isKept = baseUrl !== undefined && baseUrl === olds.baseUrl;
  return { declared: isKept || baseUrl === undefined ? declared : { ...news }, isKept };
}

/** Refuses a replacement that would be created where only the environment points. */
export function refuseElsewhere(
  noun: string,
  { ambient }: Location,
  replacedBy: readonly string[],
): string[] {
  if (ambient === undefined || replacedBy.length === 0) return [];
  return [
    `A change of \`${replacedBy.join("` and `")}\` replaces the ${noun}, but the replacement would be created elsewhere: ${ambient}.`,
  ];
}

/** Tells the user that a setting moves an object, which replaces it. */
export function announceMove(noun: string, { move }: Location, account: Account): void {
  if (move === undefined) return;
  const lost = noun === "thread" ? "the old thread and its conversation" : `the old ${noun}`;
  account.notify(
    "warning",
    `This replaces a ${noun}: ${move}. Pulumi deletes ${lost}, unless \`retainOnDelete\` is set.`,
  );
}

function describeMove(recorded: Endpoint, resolved: ResolvedEndpoint): string | undefined {
  const { endpoint } = resolved;
  const changes = [
    ...(endpoint.baseUrl === recorded.baseUrl
      ? []
      : [`${resolved.baseUrlName} moves it from ${recorded.baseUrl} to ${endpoint.baseUrl}`]),
    ...(endpoint.workspace === recorded.workspace
      ? []
      : [
          `${resolved.workspaceName} moves it from workspace ${recorded.workspace ?? "(the key's own)"} to ${endpoint.workspace ?? "(the key's own)"}`,
        ]),
  ];
  return changes.length === 0 || hasUnknown(endpoint) ? undefined : changes.join(", and ");
}

function describeAmbient(kept: Endpoint, fresh: ResolvedEndpoint): string | undefined {
  if (!isNamed(fresh.baseUrlSource) && fresh.endpoint.baseUrl !== kept.baseUrl) {
    return `${fresh.baseUrlName} points to ${fresh.endpoint.baseUrl}. Set \`dashscope:baseUrl\` to ${kept.baseUrl}, or to where the replacement is to be created`;
  }
  if (!isNamed(fresh.workspaceSource) && fresh.endpoint.workspace !== kept.workspace) {
    const wanted =
      kept.workspace === undefined
        ? "unset `DASHSCOPE_WORKSPACE_ID`"
        : `set \`dashscope:workspace\` to ${kept.workspace}`;
    return `the environment names workspace ${fresh.endpoint.workspace ?? "(the key's own)"}. To create the replacement beside it, ${wanted}`;
  }
  return undefined;
}

/** Outside the documented regions a workspace ID is part of the host name, and the URL is unknown as long as the workspace is. */
function hideUnknownHost(endpoint: Endpoint): Endpoint {
  return endpoint.baseUrl.includes(unknown) ? { ...endpoint, baseUrl: unknown } : endpoint;
}
