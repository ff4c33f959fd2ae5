import { createHash, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { DashScopeError, RequestError } from "../dashscope/errors";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { callGuarded, type GuardedObject, recordKey } from "../resource/account";
import { AdoptionError, IncompleteError } from "../resource/errors";
import type { Account, Checked, Difference, Lifecycle, Observed, Recorded } from "../resource/lifecycle";
import { locate, readEndpoint } from "../resource/location";
import { hasUnknown } from "../resource/unknown";
import { verifyAdoption } from "./adoption";
import {
  createThread,
  deleteThread,
  fetchThread,
  listConfidential,
  type RemoteThread,
  updateThread,
} from "./endpoints";
import {
  normalizeInputs,
  normalizeMessages,
  type ThreadInputs,
  type ThreadState,
  validateInputs,
} from "./schema";

/** The lifecycle of a `Thread`. */
export const threadLifecycle: Lifecycle<ThreadInputs, ThreadState> = {
  async check(olds, given, account): Promise<Checked<ThreadInputs>> {
    const news = normalizeInputs(typeof given === "object" && given !== null ? { ...given } : {});
    // Only the check and `ignoreChanges` set it, so a program that passes another one is wrong.
    const { baseUrl, ...declared } = news;
    const { inputs = declared, problems } = validateInputs(baseUrl === olds.baseUrl ? declared : news);
    if (baseUrl !== undefined && baseUrl !== olds.baseUrl && problems.length === 0) {
      return {
        problems: [
          "`baseUrl` isn't an argument of a `Thread`, which has `messages`, `metadata`, `workspace` and `adoptId`.",
        ],
      };
    }
    if (problems.length > 0) return { problems };

    const { endpoint, move, ambient } = locate(
      "native",
      account.configuration,
      readEndpoint(olds),
      typeof inputs.workspace === "string" ? inputs.workspace : undefined,
    );
    const replacedBy = listReplacingInputs(olds, inputs);
    if (ambient !== undefined && replacedBy.length > 0) {
      return {
        problems: [
          `A change of \`${replacedBy.join("` and `")}\` replaces the thread, but the replacement would be created elsewhere: ${ambient}.`,
        ],
      };
    }
    const adoption = await verifyAdoption(olds, inputs, endpoint, account);
    if (adoption.length > 0) return { problems: adoption };
    if (move !== undefined && inputs.adoptId === undefined) {
      account.notify(
        "warning",
        `This replaces a thread: ${move}. Pulumi deletes the old thread and its conversation, unless \`retainOnDelete\` is set.`,
      );
    }
    return {
      inputs: completeInputs(
        olds,
        inputs,
        baseUrl === undefined ? endpoint : { ...endpoint, baseUrl: String(baseUrl) },
      ),
      problems: [],
    };
  },

  diff(id, state, news, account): Difference {
    claimRecorded(id, state, news, account);
    const recorded = readEndpoint(state) ?? news;
    // A thread that's adopted at another endpoint is the same thread, so its record moves in place.
    const isAdopted = news.adoptId === id;
    const moved = [
      ...(recorded.workspace === news.workspace ? [] : ["workspace"]),
      ...(recorded.baseUrl === news.baseUrl ? [] : ["baseUrl"]),
    ];
    const replaces = [
      ...(isDeepStrictEqual(normalizeMessages(state.messages ?? []), normalizeMessages(news.messages ?? []))
        ? []
        : ["messages"]),
      ...(isAdopted ? [] : moved),
      ...(news.adoptId === undefined || isAdopted ? [] : ["adoptId"]),
    ];
    return { changed: replaces.length > 0 || moved.length > 0 || differsInMetadata(state, news), replaces };
  },

  async create(inputs, account): Promise<Recorded<ThreadState>> {
    const endpoint =
      readEndpoint(inputs) ?? account.configuration.resolveEndpoint("native", inputs.workspace).endpoint;
    if (inputs.adoptId !== undefined) return adopt(inputs.adoptId, inputs, endpoint, account);
    const client = await account.getClient();
    const thread = await createThread(client, endpoint, inputs);
    return confirmWrite(thread, inputs, { __instance: createInstanceId() }, endpoint, account);
  },

  async read(id, state, account): Promise<Observed<ThreadInputs, ThreadState> | undefined> {
    const endpoint = readRecordedEndpoint(state, account);
    const client = await account.getClient();
    const thread = await callGuarded(describeObject(id, state, endpoint), account, () =>
      fetchThread(client, endpoint, id, listConfidential(state)),
    );
    if (thread === undefined) {
      account.recordDeleted(id);
      return undefined;
    }
    const { requestId: _, id: __, ...live } = thread;
    const observed: ThreadState = {
      ...state,
      ...live,
      ...endpoint,
      ...(state.createdAt !== undefined && { createdAt: state.createdAt }),
      ...buildIdentity(id, state, endpoint, account),
    };
    return { state: observed, inputs: deriveInputs(observed) };
  },

  async update(id, state, news, account): Promise<ThreadState> {
    const recorded = readRecordedEndpoint(state, account);
    const endpoint = news.adoptId === id ? (readEndpoint(news) ?? recorded) : recorded;
    // A record that moves has no key yet that reached the new endpoint.
    const known = isDeepStrictEqual(endpoint, recorded) ? state : { ...state, ...endpoint, __keys: [] };
    const object = describeObject(id, known, endpoint);
    const client = await account.getClient();
    const { metadata } = news;
    const written = await callGuarded(object, account, () =>
      metadata === undefined
        ? fetchThread(client, endpoint, id, listConfidential(state))
        : updateThread(client, endpoint, id, metadata, listConfidential(state)),
    );
    if (written === undefined) throw buildGoneError(id, endpoint);
    const thread = { ...written, ...(state.createdAt !== undefined && { createdAt: state.createdAt }) };
    return (
      await confirmWrite(thread, news, { ...known, __instance: getInstanceId(id, state) }, endpoint, account)
    ).state;
  },

  async delete(id, state, account): Promise<void> {
    // Another record adopted the thread, and manages it from now on.
    if (account.claims.isClaimedByAnother(id, getInstanceId(id, state))) return;
    const endpoint = readRecordedEndpoint(state, account);
    const client = await account.getClient();
    await callGuarded(describeObject(id, state, endpoint), account, () =>
      deleteThread(client, endpoint, id, listConfidential(state)),
    );
    account.recordDeleted(id);
  },
};

/** Adds the endpoint, and turns metadata that the program removed into `{}` so that the update clears it. */
function completeInputs(olds: Partial<ThreadInputs>, news: ThreadInputs, endpoint: Endpoint): ThreadInputs {
  const isRemoved = olds.metadata !== undefined && news.metadata === undefined;
  return { ...news, ...endpoint, ...(isRemoved && { metadata: {} }) };
}

/** The inputs whose change replaces a recorded thread. What isn't known yet doesn't count. */
function listReplacingInputs(olds: Partial<ThreadInputs>, news: ThreadInputs): string[] {
  const changesMessages =
    !hasUnknown(news.messages) &&
    !isDeepStrictEqual(normalizeMessages(olds.messages ?? []), normalizeMessages(news.messages ?? []));
  const changesAdoption =
    news.adoptId !== undefined && news.adoptId !== olds.adoptId && !hasUnknown(news.adoptId);
  return [...(changesMessages ? ["messages"] : []), ...(changesAdoption ? ["adoptId"] : [])];
}

function differsInMetadata(state: ThreadState, news: ThreadInputs): boolean {
  if (news.metadata === undefined) return false;
  return state.__metadataUndeclared === true || !isDeepStrictEqual(state.metadata ?? {}, news.metadata);
}

/** @throws AdoptionError if the program declares another record of the same thread */
function claimRecorded(id: string, state: ThreadState, news: ThreadInputs, account: Account): void {
  const kind = news.adoptId === id ? "redeclared" : "recorded";
  const others = account.claims.claim({ ids: [id], instance: getInstanceId(id, state), kind });
  if (others.length > 0) throw buildDuplicateError(id);
}

async function adopt(
  id: string,
  inputs: ThreadInputs,
  endpoint: Endpoint,
  account: Account,
): Promise<Recorded<ThreadState>> {
  const instance = createInstanceId();
  const others = account.claims.claim({ ids: [id], instance, kind: "adopted" });
  try {
    // A record that's declared with this `adoptId` may be the one that this adoption replaces.
    if (others.some(({ kind }) => kind !== "redeclared")) throw buildDuplicateError(id);
    const client = await account.getClient();
    const thread = await fetchAdopted(id, inputs, endpoint, account);
    const { metadata } = inputs;
    const written =
      metadata === undefined || isDeepStrictEqual(thread.metadata, metadata)
        ? thread
        : await updateThread(client, endpoint, id, metadata, listConfidential(inputs));
    const { createdAt = written.createdAt } = thread;
    const kept = { ...written, ...(createdAt !== undefined && { createdAt }) };
    return await confirmWrite(kept, inputs, { __instance: instance }, endpoint, account);
  } catch (error) {
    // An incomplete adoption is recorded, so its claim stays.
    if (!(error instanceof IncompleteError)) account.claims.release([id], instance);
    throw error;
  }
}

async function fetchAdopted(
  id: string,
  inputs: ThreadInputs,
  endpoint: Endpoint,
  account: Account,
): Promise<RemoteThread> {
  try {
    return await fetchThread(await account.getClient(), endpoint, id, listConfidential(inputs));
  } catch (error) {
    if (!(error instanceof RequestError) || error.outcome !== "gone") throw error;
    throw buildMissingAdoption(id, endpoint);
  }
}

/** The error for an `adoptId` that names no thread. */
export function buildMissingAdoption(id: string, endpoint: Endpoint): AdoptionError {
  return new AdoptionError(
    `\`adoptId\` names ${id}, which doesn't exist ${describeEndpoint(endpoint)} for this key. Set it to an existing thread, or remove it to create one.`,
  );
}

function buildDuplicateError(id: string): AdoptionError {
  return new AdoptionError(
    `Another resource of this program manages the thread ${id}. Declare the thread once: remove one of the resources, with \`retainOnDelete\` if it's recorded.`,
  );
}

function buildGoneError(id: string, endpoint: Endpoint): DashScopeError {
  return new DashScopeError(
    "DASHSCOPE_ERR_THREAD_GONE",
    `The thread ${id} no longer exists ${describeEndpoint(endpoint)}. Run \`pulumi refresh\` to drop it from the state, then \`pulumi up\` to create it again.`,
  );
}

/** Records what a write answered, and makes sure that it did what was asked. */
async function confirmWrite(
  written: RemoteThread,
  inputs: ThreadInputs,
  identity: ThreadState,
  endpoint: Endpoint,
  account: Account,
): Promise<Recorded<ThreadState>> {
  const { id } = written;
  const wanted = inputs.metadata ?? written.metadata;
  const build = (metadata: RemoteThread["metadata"]) =>
    buildState({ ...written, metadata }, inputs, identity, endpoint, account);
  if (isDeepStrictEqual(written.metadata, wanted)) return { id, state: build(written.metadata) };

  // Some answers leave the metadata out. Only what a read shows is believed.
  const live = await readBack(id, endpoint, account);
  const state = build(live?.metadata ?? written.metadata);
  if (live && isDeepStrictEqual(live.metadata, wanted)) return { id, state };
  throw new IncompleteError(
    id,
    state,
    live === undefined
      ? `The thread ${id} exists and is recorded, but DashScope didn't confirm its metadata, and the provider couldn't read it back. Run \`pulumi refresh\`, then \`pulumi up\` again.`
      : `The thread ${id} exists and is recorded, but ${describeDifference(live.metadata, wanted)}. Run \`pulumi up\` again, or declare the metadata as it is.`,
  );
}

/** Returns `undefined` if the thread can't be read: it has been written, so that must not lose it. */
async function readBack(id: string, endpoint: Endpoint, account: Account): Promise<RemoteThread | undefined> {
  try {
    return await fetchThread(await account.getClient(), endpoint, id);
  } catch {
    return undefined;
  }
}

function buildState(
  { id, ...thread }: RemoteThread,
  inputs: ThreadInputs,
  identity: ThreadState,
  endpoint: Endpoint,
  account: Account,
): ThreadState {
  const { requestId = identity.requestId, ...live } = thread;
  return {
    ...endpoint,
    ...live,
    ...(requestId !== undefined && { requestId }),
    ...(inputs.messages && { messages: inputs.messages }),
    ...(inputs.metadata === undefined && { __metadataUndeclared: true as const }),
    ...buildIdentity(id, identity, endpoint, account),
  };
}

function buildIdentity(id: string, state: ThreadState, endpoint: Endpoint, account: Account) {
  return { __keys: recordKey(state, endpoint, account), __instance: getInstanceId(id, state) };
}

/** What a program that declares the thread as it is would say. */
export function deriveInputs({
  messages,
  metadata,
  workspace,
  baseUrl,
  __metadataUndeclared,
}: ThreadState): ThreadInputs {
  return {
    ...(messages && { messages: [...messages] }),
    ...(metadata && !__metadataUndeclared && { metadata: { ...metadata } }),
    ...(workspace !== undefined && { workspace }),
    ...(baseUrl !== undefined && { baseUrl }),
  };
}

/** A state of a release that recorded no endpoint is at the configured one. */
function readRecordedEndpoint(state: ThreadState, account: Account): Endpoint {
  return readEndpoint(state) ?? account.configuration.resolveEndpoint("native", state.workspace).endpoint;
}

function describeObject(id: string, state: ThreadState, endpoint: Endpoint): GuardedObject {
  return { api: "native", noun: "thread", id, state, endpoint };
}

function createInstanceId(): string {
  return randomBytes(9).toString("base64url");
}

/** A state of an earlier release has no instance ID. What only this record knows of its thread stands for it. */
function getInstanceId(id: string, { __instance, requestId, createdAt, messages }: ThreadState): string {
  if (__instance !== undefined) return __instance;
  const known = JSON.stringify([id, requestId ?? null, createdAt ?? null, messages !== undefined]);
  return createHash("sha256").update(known).digest("base64url").slice(0, 12);
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

/** Lists metadata keys on one line, whatever characters they contain. */
export function quoteKeys(keys: readonly string[]): string {
  return keys
    .map((key) => (/^[\w.-]{1,64}$/.test(key) ? `\`${key}\`` : JSON.stringify(key.slice(0, 40))))
    .join(", ");
}
