import { randomBytes } from "node:crypto";
import { isGone } from "../dashscope/errors";
import { type Api, describeEndpoint, type Endpoint } from "../dashscope/url";
import { AccountError } from "./errors";
import type { Account } from "./lifecycle";

/** The part of a recorded state that says where the object is and whose it is. Later versions read what earlier ones wrote. */
export interface Identity {
  readonly baseUrl?: string;
  readonly workspace?: string;
  /** Fingerprints of the last eight keys that reached the object, the newest last. */
  readonly __keys?: readonly string[];
  /** Tells this record from another one of the same object. */
  readonly __instance?: string;
}

/** What a guarded call is about. */
export interface GuardedObject {
  readonly api: Api;
  readonly noun: string;
  readonly id: string;
  readonly state: Identity;
  readonly endpoint: Endpoint;
}

// Developers and CI use different keys of one account.
const mostKeys = 8;

/** Returns a random ID that tells a record from another one of the same object. */
export function createInstanceId(): string {
  return randomBytes(9).toString("base64url");
}

/** Adds the fingerprint of the key that just reached an object. */
export function recordKey(state: Identity, endpoint: Endpoint, account: Account): readonly string[] {
  const fingerprint = account.configuration.computeFingerprint(endpoint);
  const keys = state.baseUrl === undefined || state.baseUrl === endpoint.baseUrl ? (state.__keys ?? []) : [];
  return keys.includes(fingerprint) ? keys : [...keys, fingerprint].slice(-mostKeys);
}

/**
 * Sends a call for a recorded object. "Gone" is believed only under a key that reached the object before, because DashScope answers
 * another account's key in the same way.
 *
 * @returns the result, or `undefined` if the object is gone
 * @throws AccountError if the key may belong to another account
 */
export async function callGuarded<T>(
  object: GuardedObject,
  account: Account,
  call: () => Promise<T>,
): Promise<T | undefined> {
  assertKeyBelongs(object, account);
  try {
    return await call();
  } catch (error) {
    if (!isGone(error)) throw error;
    if (isKeyKnown(object, account) || account.configuration.confirmsGone(object.id)) return undefined;
    const { noun, id, endpoint } = object;
    throw new AccountError(
      `DashScope says that ${noun} ${id} doesn't exist ${describeEndpoint(endpoint)}, but the key in ${account.configuration.resolveCredential().source} has never reached it: the key may belong to another account or workspace. Nothing was changed. Use a key of the ${noun}'s account. If the ${noun} is really gone, set \`DASHSCOPE_CONFIRM_GONE=${id}\` and run the command again.`,
    );
  }
}

/** A key that's configured for another endpoint isn't sent to the recorded one. */
function assertKeyBelongs(object: GuardedObject, account: Account): void {
  if (isKeyKnown(object, account)) return;
  const configured = resolveBaseUrl(object.api, account);
  const { noun, id, endpoint } = object;
  if (configured === endpoint.baseUrl) return;
  throw new AccountError(
    `The ${noun} ${id} exists ${describeEndpoint(endpoint)}, but the key in ${account.configuration.resolveCredential().source} is configured for ${configured ?? "another endpoint"} and has never reached it. Nothing was sent. Run the command with the ${noun}'s own key and endpoint, or keep the ${noun} with \`retainOnDelete\`.`,
  );
}

/** A state of an earlier release has no fingerprints, and is believed until it has. */
function isKeyKnown({ state, endpoint }: GuardedObject, account: Account): boolean {
  const keys = state.__keys ?? [];
  return keys.length === 0 || keys.includes(account.configuration.computeFingerprint(endpoint));
}

function resolveBaseUrl(api: Api, account: Account): string | undefined {
  try {
    return account.configuration.resolveEndpoint(api).endpoint.baseUrl;
  } catch {
    return undefined;
  }
}
