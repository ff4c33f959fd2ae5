import { isDeepStrictEqual } from "node:util";
import { quoteKeys } from "../dashscope/quote";
import type { Endpoint } from "../dashscope/url";
import type { Account } from "../resource/lifecycle";
import { fetchThread, type RemoteThread } from "./endpoints";

/** A thread after a write. */
export interface Confirmation {
  readonly thread: RemoteThread;
  /** Set if the thread isn't as declared: why, as a clause, and what to do. */
  readonly problem?: { readonly reason: string; readonly advice: string };
}

/** Makes sure that a write applied the metadata, and reads the thread back if the answer doesn't show it. */
export async function confirmWrite(
  written: RemoteThread,
  wanted: Readonly<Record<string, string>> | undefined,
  endpoint: Endpoint,
  account: Account,
): Promise<Confirmation> {
  if (wanted === undefined || isDeepStrictEqual(written.metadata, wanted)) return { thread: written };

  // Some answers leave the metadata out. Only what a read shows is believed.
  const live = await readBack(written.id, endpoint, account);
  if (live === undefined) {
    return {
      thread: written,
      problem: {
        reason: "DashScope didn't confirm its metadata, and the provider couldn't read it back",
        advice: "Run `pulumi refresh`, then `pulumi up` again.",
      },
    };
  }
  const thread = { ...written, metadata: live.metadata };
  if (isDeepStrictEqual(live.metadata, wanted)) return { thread };
  return {
    thread,
    problem: {
      reason: describeDifference(live.metadata, wanted),
      advice: "Run `pulumi up` again, or declare the metadata as it is.",
    },
  };
}

/** Returns `undefined` if the thread can't be read: it has been written, so that must not lose it. */
async function readBack(id: string, endpoint: Endpoint, account: Account): Promise<RemoteThread | undefined> {
  try {
    return await fetchThread(await account.getClient(), endpoint, id);
  } catch {
    return undefined;
  }
}

/** Names the keys in which metadata differs, never a value: it may be secret. */
function describeDifference(
  live: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string {
  const kept = Object.keys(live).filter((key) => !Object.hasOwn(wanted, key));
  const missing = Object.keys(wanted).filter((key) => live[key] !== wanted[key]);
  const clauses = [
    ...(kept.length > 0 ? [`kept the metadata keys ${quoteKeys(kept)}, which this update removes`] : []),
    ...(missing.length > 0 ? [`didn't apply the metadata keys ${quoteKeys(missing)}`] : []),
  ];
  return `DashScope ${clauses.join(", and ")}`;
}
