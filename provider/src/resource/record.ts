import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Endpoint } from "../dashscope/url";
import { buildDuplicateError, buildMissingAdoption } from "./adoption";
import { callGuarded, type GuardedObject, type Identity, recordKey } from "./identity";
import type { Account } from "./lifecycle";
import { readEndpoint } from "./location";
import type { Metadata } from "./metadata";
import type { RemoteObject, RemoteObjects } from "./remoteObjects";

/**
 * The recorded outputs that threads and conversations have in common. Nothing is certain to be there, because later versions read what
 * earlier ones wrote.
 */
export interface ObjectState extends Identity {
  /** The live metadata, whether the program sets it or not. */
  readonly metadata?: Metadata;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  /** DashScope's ID of the last write. */
  readonly requestId?: string;
  /**
   * Set if the program sets no metadata, so that `read`, which isn't told the inputs, doesn't take the live metadata for declared.
   * Pulumi hides keys that begin with two underscores.
   */
  readonly __metadataUndeclared?: true;
}

/** The arguments that threads and conversations have in common. The check adds `baseUrl`. */
export interface ObjectInputs {
  readonly metadata?: Metadata | undefined;
  readonly workspace?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly adoptId?: string | undefined;
}

/** A recorded object, as its calls need it. */
export interface RecordedObject<State extends ObjectState> {
  readonly objects: RemoteObjects;
  readonly id: string;
  readonly state: State;
  /** What an error must not show if a server repeats it. */
  readonly confidential: readonly string[];
}

/**
 * Claims a recorded object for its record.
 *
 * @throws AdoptionError if the program declares another record of the same object
 */
export function claimRecorded(
  { objects, id, state }: Pick<RecordedObject<ObjectState>, "objects" | "id" | "state">,
  { adoptId }: ObjectInputs,
  account: Account,
): void {
  const instance = getInstanceId(id, state);
  const declared = adoptId === id ? "redeclared" : "recorded";
  const kind = account.claims.takeRefresh(instance) ? "refreshed" : declared;
  const others = account.claims.claim({ ids: [id], instance, kind });
  if (others.length > 0) throw buildDuplicateError(objects.kind.noun, id);
}

/** The properties in which the endpoint of a record and of its declaration differ. */
export function listMoves(state: Identity, news: ObjectInputs): string[] {
  const recorded = readEndpoint(state) ?? news;
  return [
    ...(recorded.workspace === news.workspace ? [] : ["workspace"]),
    ...(recorded.baseUrl === news.baseUrl ? [] : ["baseUrl"]),
  ];
}

/** Returns where a new object is created. The check has added the endpoint. */
export function resolveNewEndpoint(objects: RemoteObjects, inputs: ObjectInputs, account: Account): Endpoint {
  return (
    readEndpoint(inputs) ?? account.configuration.resolveEndpoint(objects.kind.api, inputs.workspace).endpoint
  );
}

/** Returns where a recorded object is. A state of a release that recorded no endpoint is at the configured one. */
export function resolveRecordedEndpoint(objects: RemoteObjects, state: Identity, account: Account): Endpoint {
  return (
    readEndpoint(state) ?? account.configuration.resolveEndpoint(objects.kind.api, state.workspace).endpoint
  );
}

/** Reads a recorded object for a refresh. Returns what is recorded from now on, or `undefined` if the object is gone. */
export async function readRecorded<State extends ObjectState>(
  object: RecordedObject<State>,
  account: Account,
): Promise<State | undefined> {
  const { objects, id, state, confidential } = object;
  account.claims.noteRefresh(getInstanceId(id, state));
  const endpoint = resolveRecordedEndpoint(objects, state, account);
  const client = await account.getClient();
  const remote = await callGuarded(describeObject(object, endpoint), account, () =>
    objects.fetch(client, endpoint, id, confidential),
  );
  if (remote === undefined) {
    // Without a known key, it may exist in another account.
    if (state.__keys !== undefined) account.recordDeleted(id);
    return undefined;
  }
  const { requestId: _, id: __, ...live } = remote;
  return {
    ...state,
    ...live,
    ...endpoint,
    ...(state.createdAt !== undefined && { createdAt: state.createdAt }),
    ...buildIdentity(id, state, endpoint, account),
  };
}

/** The object after an update, and where it is. */
export interface UpdatedObject {
  readonly object: RemoteObject;
  readonly endpoint: Endpoint;
  /** The keys that are known to reach the object at this endpoint, and whose record it is. */
  readonly identity: ObjectState;
}

/**
 * Applies the declared metadata to a recorded object. A record whose object the program adopts by its own ID moves with the
 * declaration.
 *
 * @param buildGoneError the error for an object that no longer exists
 */
export async function updateRecorded<State extends ObjectState>(
  recorded: RecordedObject<State>,
  news: ObjectInputs,
  account: Account,
  buildGoneError: (id: string, endpoint: Endpoint) => Error,
): Promise<UpdatedObject> {
  const { objects, id, state, confidential } = recorded;
  const former = resolveRecordedEndpoint(objects, state, account);
  const endpoint = news.adoptId === id ? (readEndpoint(news) ?? former) : former;
  const isMoved = !isDeepStrictEqual(endpoint, former);
  // A record that moves has no key yet that reached the new endpoint.
  const known = isMoved ? { ...state, ...endpoint, __keys: [] } : state;
  const client = await account.getClient();
  const { metadata } = news;
  const written = await callGuarded(describeObject({ ...recorded, state: known }, endpoint), account, () =>
    metadata === undefined
      ? objects.fetch(client, endpoint, id, confidential)
      : objects.update(client, endpoint, id, metadata, confidential),
  );
  if (written === undefined) {
    throw isMoved ? buildMissingAdoption(id, endpoint) : buildGoneError(id, endpoint);
  }
  return {
    object: { ...written, ...(state.createdAt !== undefined && { createdAt: state.createdAt }) },
    endpoint,
    identity: { ...known, __instance: getInstanceId(id, state) },
  };
}

/** Deletes a recorded object, unless another record manages it. */
export async function deleteRecorded(object: RecordedObject<ObjectState>, account: Account): Promise<void> {
  const { objects, id, state, confidential } = object;
  // Another record adopted the object, and manages it from now on.
  const instance = getInstanceId(id, state);
  if (account.claims.isKept(id, instance)) {
    account.claims.release([id], instance);
    return;
  }
  const endpoint = resolveRecordedEndpoint(objects, state, account);
  const client = await account.getClient();
  await callGuarded(describeObject(object, endpoint), account, () =>
    objects.delete(client, endpoint, id, confidential),
  );
  account.recordDeleted(id);
}

/**
 * Builds what is recorded of an object.
 *
 * @param identity whose record it is, and the keys that are known to reach the object
 * @param own what else is recorded of the resource
 */
export function buildRecord<Own extends object>(
  object: RemoteObject,
  { metadata }: ObjectInputs,
  identity: ObjectState,
  own: Own,
  endpoint: Endpoint,
  account: Account,
): ObjectState & Own {
  const { id, requestId = identity.requestId, ...live } = object;
  return {
    ...endpoint,
    ...live,
    ...(requestId !== undefined && { requestId }),
    ...own,
    ...(metadata === undefined && { __metadataUndeclared: true as const }),
    ...buildIdentity(id, identity, endpoint, account),
  };
}

/** What a program that declares the object as it is would say. */
export function deriveInputs({ metadata, workspace, baseUrl, __metadataUndeclared }: ObjectState): {
  metadata?: Record<string, string>;
  workspace?: string;
  baseUrl?: string;
} {
  return {
    ...(metadata && !__metadataUndeclared && { metadata: { ...metadata } }),
    ...(workspace !== undefined && { workspace }),
    ...(baseUrl !== undefined && { baseUrl }),
  };
}

function buildIdentity(id: string, state: ObjectState, endpoint: Endpoint, account: Account) {
  return { __keys: recordKey(state, endpoint, account), __instance: getInstanceId(id, state) };
}

function describeObject(
  { objects, id, state }: RecordedObject<ObjectState>,
  endpoint: Endpoint,
): GuardedObject {
  const { api, noun } = objects.kind;
  return { api, noun, id, state, endpoint };
}

/** A state of an earlier release has no instance ID. What only this record knows of its object stands for it. */
function getInstanceId(id: string, state: ObjectState & { readonly messages?: unknown }): string {
  const { __instance, requestId, createdAt, messages } = state;
  if (__instance !== undefined) return __instance;
  const known = JSON.stringify([id, requestId ?? null, createdAt ?? null, messages !== undefined]);
  return createHash("sha256").update(known).digest("base64url").slice(0, 12);
}
