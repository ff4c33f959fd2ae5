import { ApiError } from "./errors";

/** Resolves the workspace that a request names; undefined is the key's own. Throws the documented 404 for an unknown one. */
export type WorkspaceResolver = (named: string | string[] | undefined) => string | undefined;

/** @param workspaces the workspaces that requests may name; undefined allows every well-formed name. */
export function createWorkspaceResolver(workspaces: readonly string[] | undefined): WorkspaceResolver {
  const known = workspaces && new Set(workspaces);
  return (named) => {
    if (named === undefined || named === "") return undefined;
    if (typeof named !== "string" || !isWorkspaceId(named) || (known && !known.has(named)))
      throw new ApiError(404, "WorkSpaceNotFound", "The workspace does not exist.");
    return named;
  };
}

/** The form that the official SDKs accept, because they make the ID a host label. */
function isWorkspaceId(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name);
}
