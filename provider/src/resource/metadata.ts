import { isDeepStrictEqual } from "node:util";
import { quoteKeys } from "../dashscope/quote";
import type { RemoteObject } from "./remoteObjects";

/** String labels. */
export type Metadata = Readonly<Record<string, string>>;

/** What is recorded of an object's metadata. */
interface RecordedMetadata {
  /** The live metadata, whether the program sets it or not. */
  readonly metadata?: Metadata;
  readonly __metadataUndeclared?: true;
}

/** Whether the live metadata isn't as declared. Metadata that the program doesn't set never differs. */
export function differsInMetadata(
  recorded: RecordedMetadata,
  { metadata }: { readonly metadata?: Metadata },
): boolean {
  if (metadata === undefined) return false;
  return recorded.__metadataUndeclared === true || !isDeepStrictEqual(recorded.metadata ?? {}, metadata);
}

/** Turns metadata that the program removed into `{}`, so that the update clears it. */
export function clearRemovedMetadata<Inputs extends { readonly metadata?: Metadata }>(
  olds: { readonly metadata?: Metadata },
  news: Inputs,
): Inputs {
  return olds.metadata !== undefined && news.metadata === undefined ? { ...news, metadata: {} } : news;
}

/** Why an object isn't as declared, as a clause, and what to do. */
export interface Problem {
  readonly reason: string;
  readonly advice: string;
}

/** An object after a write. */
export interface Confirmation {
  readonly object: RemoteObject;
  /** Set if the object isn't as declared. */
  readonly problem?: Problem;
}

/**
 * Makes sure that a write applied the metadata.
 *
 * @param readBack reads the object, because some answers leave the metadata out
 */
export async function confirmMetadata(
  written: RemoteObject,
  wanted: Metadata | undefined,
  readBack: () => Promise<RemoteObject>,
): Promise<Confirmation> {
  if (wanted === undefined || isDeepStrictEqual(written.metadata, wanted)) return { object: written };

  // Only what a read shows is believed. The object has been written, so a failed read must not lose it.
  const live = await readBack().catch(() => undefined);
  if (live === undefined) {
    return {
      object: written,
      problem: {
        reason: "DashScope didn't confirm its metadata, and the provider couldn't read it back",
        advice: "Run `pulumi refresh`, then `pulumi up` again.",
      },
    };
  }
  const object = { ...written, metadata: live.metadata };
  if (isDeepStrictEqual(live.metadata, wanted)) return { object };
  return {
    object,
    problem: {
      reason: describeDifference(live.metadata, wanted),
      advice: "Run `pulumi up` again, or declare the metadata as it is.",
    },
  };
}

/** Describes an object that a write left incomplete, in sentences. */
export function describeProblem(noun: string, id: string, { reason, advice }: Problem): string {
  return `The ${noun} ${id} exists and is recorded, but ${reason}. ${advice}`;
}

/** Names the keys in which metadata differs, never a value: it may be secret. */
function describeDifference(live: Metadata, wanted: Metadata): string {
  const kept = Object.keys(live).filter((key) => !Object.hasOwn(wanted, key));
  const missing = Object.keys(wanted).filter((key) => live[key] !== wanted[key]);
  const clauses = [
    ...(kept.length > 0 ? [`kept the metadata keys ${quoteKeys(kept)}, which this update removes`] : []),
    ...(missing.length > 0 ? [`didn't apply the metadata keys ${quoteKeys(missing)}`] : []),
  ];
  return `DashScope ${clauses.join(", and ")}`;
}
