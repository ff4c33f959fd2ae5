import { invalidParameter } from "./errors";
import type { Metadata } from "./store";

/**
 * What nobody has written down about the service. Each switch has the documented or likelier value as its default; a
 * client that must hold either way is tested with both.
 */
export interface Behaviour {
  /** Whether an update replaces the metadata or adds to it. Default `replace`, as the vendor's Conversations do. */
  metadataUpdate?: "replace" | "merge";
  /**
   * Whether metadata is held to the limits of the vendor's Conversations: 16 pairs, keys of 64 and string values of 512
   * characters. Default false: none are documented for threads.
   */
  metadataLimits?: boolean;
  /** How empty metadata is answered. Default `object`, the documented `{}`; older answers leave it out. */
  emptyMetadata?: "object" | "null" | "absent";
  /** Whether metadata comes back sorted by key instead of in the order given. Default false. */
  sortMetadata?: boolean;
  /** An `account_id` in every thread, as older answers had. Default: none. */
  accountId?: string;
  /** Whether a 401 comes without `Content-Type`, as one was captured. Default false. */
  untyped401?: boolean;
}

/**
 * The metadata that a create (of nothing) or an update leaves; naming none changes nothing.
 * @throws ApiError when it is over the limits and limits are on.
 */
export function changedMetadata(
  current: Metadata,
  given: Metadata | undefined,
  behaviour: Behaviour,
): Metadata {
  if (given === undefined) return current;
  const changed = behaviour.metadataUpdate === "merge" ? { ...current, ...given } : given;
  if (behaviour.metadataLimits) checkLimits(changed);
  return changed;
}

function checkLimits(metadata: Metadata): void {
  const entries = Object.entries(metadata);
  if (entries.length > 16) throw invalidParameter("metadata can have 16 pairs at most.");
  for (const [key, value] of entries) {
    if (key.length > 64) throw invalidParameter("A key of metadata can have 64 characters at most.");
    if (typeof value !== "string" || value.length > 512)
      throw invalidParameter("A value of metadata must be a string of 512 characters at most.");
  }
}

/** The `metadata` field of an answer. */
export function metadataField(metadata: Metadata, behaviour: Behaviour): { metadata?: Metadata | null } {
  const entries = Object.entries(metadata);
  if (entries.length === 0 && behaviour.emptyMetadata === "absent") return {};
  if (entries.length === 0 && behaviour.emptyMetadata === "null") return { metadata: null };
  if (!behaviour.sortMetadata) return { metadata };
  return { metadata: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
