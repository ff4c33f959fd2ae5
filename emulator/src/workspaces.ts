import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "./errors";

/**
 * Names the workspace of a request; undefined is the key's own. Throws the documented 404 for a workspace that does not
 * exist.
 */
export type WorkspaceOf = (headers: IncomingHttpHeaders) => string | undefined;

/** @param workspaces the workspaces that can be named; undefined allows every well-formed name. */
export function workspaceOf(workspaces: readonly string[] | undefined): WorkspaceOf {
  const known = workspaces && new Set(workspaces);
  return (headers) => {
    const named = headers["x-dashscope-workspace"];
    if (named === undefined || named === "") return undefined;
    if (typeof named !== "string" || !isWorkspaceId(named) || (known && !known.has(named)))
      throw new ApiError(404, "WorkSpaceNotFound", "The workspace does not exist.");
    return named;
  };
}

// The form that the official SDKs accept, because they make it a host label.
const isWorkspaceId = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name);
