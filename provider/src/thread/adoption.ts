import { DashScopeError, RequestError } from "../dashscope/errors";
import type { Endpoint } from "../dashscope/url";
import type { Account } from "../resource/lifecycle";
import { hasUnknown } from "../resource/unknown";
import { fetchThread, type RemoteThread } from "./endpoints";
import { buildMissingAdoption, quoteKeys } from "./lifecycle";
import type { ThreadInputs } from "./schema";

/** One read of each thread and account: a replacement and a preview check the same inputs several times. */
const reads = new WeakMap<Account, Map<string, Promise<RemoteThread>>>();

/**
 * Verifies an `adoptId` that isn't recorded yet: the thread must exist. Tells the user which metadata keys the adoption removes.
 *
 * @returns what is wrong, as sentences
 */
export async function verifyAdoption(
  olds: Partial<ThreadInputs>,
  { adoptId, metadata }: ThreadInputs,
  endpoint: Endpoint,
  account: Account,
): Promise<string[]> {
  if (adoptId === undefined || adoptId === olds.adoptId || hasUnknown([adoptId, endpoint])) return [];
  try {
    const { metadata: live } = await readOnce(adoptId, endpoint, account);
    const removed =
      metadata === undefined ? [] : Object.keys(live).filter((key) => !Object.hasOwn(metadata, key));
    const effect =
      removed.length === 0 || hasUnknown(metadata)
        ? ""
        : ` and removes its metadata keys ${quoteKeys(removed)}`;
    account.notify(
      "info",
      `This adopts the thread ${adoptId}${effect}. If another record manages it, set \`retainOnDelete\` on that record first.`,
    );
    return [];
  } catch (error) {
    if (!(error instanceof DashScopeError)) throw error;
    if (error instanceof RequestError && error.outcome === "gone") {
      return [buildMissingAdoption(adoptId, endpoint).message];
    }
    account.notify("warning", `The provider couldn't verify \`adoptId\`: ${error.sentences}`);
    return [];
  }
}

function readOnce(id: string, endpoint: Endpoint, account: Account): Promise<RemoteThread> {
  const known = reads.get(account) ?? new Map<string, Promise<RemoteThread>>();
  reads.set(account, known);
  const key = `${id} ${endpoint.baseUrl} ${endpoint.workspace ?? ""}`;
  const read = known.get(key) ?? account.getClient().then((client) => fetchThread(client, endpoint, id));
  known.set(key, read);
  return read;
}
