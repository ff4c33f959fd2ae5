import { isDeepStrictEqual } from "node:util";
import { DashScopeError, isGone } from "../dashscope/errors";
import { quoteKeys } from "../dashscope/quote";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { AdoptionError } from "./errors";
import { createInstanceId } from "./identity";
import type { Account } from "./lifecycle";
import type { Metadata } from "./metadata";
import { createReadCache } from "./readCache";
import type { RemoteObject, RemoteObjects } from "./remoteObjects";
import { hasUnknown } from "./unknown";

/** A declared adoption. */
export interface Adoption {
  readonly adoptId: string;
  readonly metadata?: Metadata | undefined;
}

/** What an adoption finds in a preview. */
export type AdoptionPreview =
  | { readonly kind: "found"; readonly removedKeys: readonly string[] }
  | { readonly kind: "missing"; readonly problem: string }
  | { readonly kind: "unverified"; readonly reason: string };

const readOnce = createReadCache<RemoteObject>();

/**
 * Verifies an `adoptId` that isn't recorded yet: the object must exist. Tells the user which metadata keys the adoption removes.
 *
 * @returns what is wrong, as sentences
 */
export async function verifyAdoption(
  objects: RemoteObjects,
  olds: Partial<Adoption>,
  { adoptId, metadata }: Partial<Adoption>,
  endpoint: Endpoint,
  account: Account,
): Promise<string[]> {
  if (adoptId === undefined || adoptId === olds.adoptId || hasUnknown([adoptId, endpoint])) return [];
  const preview = await previewAdoption(objects, { adoptId, metadata }, endpoint, account);
  if (preview.kind === "missing") return [preview.problem];
  if (preview.kind === "unverified") {
    account.notify("warning", `The provider couldn't verify \`adoptId\`: ${preview.reason}`);
    return [];
  }
  const { removedKeys } = preview;
  const effect = removedKeys.length === 0 ? "" : ` and removes its metadata keys ${quoteKeys(removedKeys)}`;
  account.notify(
    "info",
    `This adopts the ${objects.kind.noun} ${adoptId}${effect}. If another record manages it, set \`retainOnDelete\` on that record first.`,
  );
  return [];
}

/** Reads the object that an adoption takes over, and finds which metadata keys the adoption removes. */
export async function previewAdoption(
  objects: RemoteObjects,
  { adoptId, metadata }: Adoption,
  endpoint: Endpoint,
  account: Account,
): Promise<AdoptionPreview> {
  try {
    const { metadata: live } = await readOnce(account, [adoptId, endpoint], async () =>
      objects.fetch(await account.getClient(), endpoint, adoptId),
    );
    const removedKeys =
      metadata === undefined || hasUnknown(metadata)
        ? []
        : Object.keys(live).filter((key) => !Object.hasOwn(metadata, key));
    return { kind: "found", removedKeys };
  } catch (error) {
    if (!(error instanceof DashScopeError)) throw error;
    return isGone(error)
      ? { kind: "missing", problem: buildMissingAdoption(adoptId, endpoint).message }
      : { kind: "unverified", reason: error.sentences };
  }
}

/**
 * Takes an object over: reads it, and applies the metadata if it's declared and differs.
 *
 * @throws AdoptionError if the object doesn't exist
 */
export async function adoptObject(
  objects: RemoteObjects,
  { adoptId, metadata }: Adoption,
  endpoint: Endpoint,
  account: Account,
): Promise<RemoteObject> {
  const client = await account.getClient();
  const confidential = Object.values(metadata ?? {});
  const object = await objects.fetch(client, endpoint, adoptId, confidential).catch((error: unknown) => {
    throw isGone(error) ? buildMissingAdoption(adoptId, endpoint) : error;
  });
  if (metadata === undefined || isDeepStrictEqual(object.metadata, metadata)) return object;
  const written = await objects.update(client, endpoint, adoptId, metadata);
  const { createdAt = written.createdAt } = object;
  return { ...written, ...(createdAt !== undefined && { createdAt }) };
}

/**
 * Claims an object for a new record.
 *
 * @returns the instance ID of the new record
 * @throws AdoptionError if another declared record manages the object
 */
export function claimAdoption(id: string, noun: string, account: Account): string {
  const instance = createInstanceId();
  const others = account.claims.claim({ ids: [id], instance, kind: "adopted" });
  // A record that's declared with this `adoptId` may be the one that this adoption replaces.
  if (others.some(({ kind }) => kind !== "redeclared")) {
    account.claims.release([id], instance);
    throw buildDuplicateError(noun, id);
  }
  // If the adoption fails, its claim stays: the former record must not delete the object that the program still wants.
  return instance;
}

/** The error for an object that another declared record manages. */
export function buildDuplicateError(noun: string, id: string): AdoptionError {
  return new AdoptionError(
    `Another resource of this program manages the ${noun} ${id}. Declare the ${noun} once: remove one of the resources, with \`retainOnDelete\` if it's recorded.`,
  );
}

/** The error for an `adoptId` that names nothing. */
export function buildMissingAdoption(id: string, endpoint: Endpoint): AdoptionError {
  return new AdoptionError(
    `\`adoptId\` names ${id}, which doesn't exist ${describeEndpoint(endpoint)} for this key. Set it to the ID of an existing one, or remove it to create one.`,
  );
}
