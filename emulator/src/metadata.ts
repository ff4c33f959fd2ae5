import { z } from "zod";
import type { Behaviour } from "./behaviour";
import { InvalidParameter } from "./errors";
import { BODY_ERROR } from "./requestBody";

/** Key-value pairs as a client gave them. */
export type Metadata = Record<string, unknown>;

/** Returns the object itself: a record schema would lose the key `__proto__`, which JSON can carry. */
export const metadataSchema = z.custom<Metadata>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  { error: "must be an object." },
);

/** The body of an update: the metadata, or nothing. */
export const updateSchema = z.object({ metadata: metadataSchema.nullish() }, BODY_ERROR);

/**
 * Returns the metadata after an update; an update without metadata changes nothing.
 * @throws ApiError if the metadata is over the limits and limits are on.
 */
export function applyMetadataUpdate(
  current: Metadata,
  given: Metadata | null | undefined,
  { metadataUpdate, metadataLimits }: Behaviour,
): Metadata {
  if (given === undefined || given === null) return current;
  const updated = metadataUpdate === "merge" ? { ...current, ...given } : given;
  const excess = metadataLimits ? findExcess(updated) : undefined;
  if (excess !== undefined) throw new InvalidParameter(`\`metadata\` ${excess}`);
  return updated;
}

/** Returns the `metadata` field of an answer. */
export function formatMetadata(
  metadata: Metadata,
  { emptyMetadata, sortMetadata }: Behaviour,
): { metadata?: Metadata | null } {
  const entries = Object.entries(metadata);
  if (entries.length === 0 && emptyMetadata === "absent") return {};
  if (entries.length === 0 && emptyMetadata === "null") return { metadata: null };
  if (!sortMetadata) return { metadata };
  return { metadata: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function findExcess(metadata: Metadata): string | undefined {
  const entries = Object.entries(metadata);
  if (entries.length > 16) return "must have at most 16 pairs.";
  for (const [key, value] of entries) {
    if (key.length > 64) return "must have keys of at most 64 characters.";
    if (typeof value !== "string" || value.length > 512)
      return "must have string values of at most 512 characters.";
  }
  return undefined;
}
