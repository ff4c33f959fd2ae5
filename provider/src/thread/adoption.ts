import { isDeepStrictEqual } from "node:util";
import { DashScopeError, RequestError } from "../dashscope/errors";
import { quoteKeys } from "../dashscope/quote";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { AdoptionError } from "../resource/errors";
import type { Account } from "../resource/lifecycle";
import { hasUnknown } from "../resource/unknown";
import { fetchThread, listConfidential, type RemoteThread, updateThread } from "./endpoints";
import type { ThreadInputs } from "./schema";

/** A declared adoption. */
export interface Adoption {
  readonly adoptId: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What an adoption finds in a preview. */
export type AdoptionPreview =
  | { readonly kind: "found"; readonly removedKeys: readonly string[] }
  | { readonly kind: "missing"; readonly problem: string }
  | { readonly kind: "unverified"; readonly reason: string };

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
  const preview = await previewAdoption({ adoptId, ...(metadata && { metadata }) }, endpoint, account);
  if (preview.kind === "missing") return [preview.problem];
  if (preview.kind === "unverified") {
    account.notify("warning", `The provider couldn't verify \`adoptId\`: ${preview.reason}`);
    return [];
  }
  const { removedKeys } = preview;
  const effect = removedKeys.length === 0 ? "" : ` and removes its metadata keys ${quoteKeys(removedKeys)}`;
  account.notify(
    "info",
    `This adopts the thread ${adoptId}${effect}. If another record manages it, set \`retainOnDelete\` on that record first.`,
  );
  return [];
}

/** Reads the thread that an adoption takes over, and finds which metadata keys the adoption removes. */
export async function previewAdoption(
  { adoptId, metadata }: Adoption,
  endpoint: Endpoint,
  account: Account,
): Promise<AdoptionPreview> {
  try {
    const { metadata: live } = await readOnce(adoptId, endpoint, account);
    const removedKeys =
      metadata === undefined || hasUnknown(metadata)
        ? []
        : Object.keys(live).filter((key) => !Object.hasOwn(metadata, key));
    return { kind: "found", removedKeys };
  } catch (error) {
    if (!(error instanceof DashScopeError)) throw error;
    return error instanceof RequestError && error.outcome === "gone"
      ? { kind: "missing", problem: buildMissingAdoption(adoptId, endpoint).message }
      : { kind: "unverified", reason: error.sentences };
  }
}

/**
 * Takes a thread over: reads it, and applies the metadata if it's declared and differs.
 *
 * @throws AdoptionError if the thread doesn't exist
 */
export async function adoptThread(
  { adoptId, metadata }: Adoption,
  endpoint: Endpoint,
  account: Account,
): Promise<RemoteThread> {
  const confidential = listConfidential({ metadata });
  const thread = await fetchAdopted(adoptId, confidential, endpoint, account);
  if (metadata === undefined || isDeepStrictEqual(thread.metadata, metadata)) return thread;
  const client = await account.getClient();
  const written = await updateThread(client, endpoint, adoptId, metadata, confidential);
  const { createdAt = written.createdAt } = thread;
  return { ...written, ...(createdAt !== undefined && { createdAt }) };
}

/** The error for a thread that another declared record manages. */
export function buildDuplicateError(id: string): AdoptionError {
  return new AdoptionError(
    `Another resource of this program manages the thread ${id}. Declare the thread once: remove one of the resources, with \`retainOnDelete\` if it's recorded.`,
  );
}

/** The error for an `adoptId` that names no thread. */
export function buildMissingAdoption(id: string, endpoint: Endpoint): AdoptionError {
  return new AdoptionError(
    `\`adoptId\` names ${id}, which doesn't exist ${describeEndpoint(endpoint)} for this key. Set it to an existing thread, or remove it to create one.`,
  );
}

async function fetchAdopted(
  id: string,
  confidential: readonly string[],
  endpoint: Endpoint,
  account: Account,
): Promise<RemoteThread> {
  try {
    return await fetchThread(await account.getClient(), endpoint, id, confidential);
  } catch (error) {
    if (!(error instanceof RequestError) || error.outcome !== "gone") throw error;
    throw buildMissingAdoption(id, endpoint);
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
