import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { DashScopeError } from "../dashscope/errors";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { callGuarded, createInstanceId, type GuardedObject, recordKey } from "../resource/account";
import { IncompleteError } from "../resource/errors";
import type { Account, Checked, Difference, Lifecycle, Observed, Recorded } from "../resource/lifecycle";
import { locate, readEndpoint } from "../resource/location";
import { hasUnknown, unknown } from "../resource/unknown";
import { adoptThread, buildDuplicateError, buildMissingAdoption, verifyAdoption } from "./adoption";
import { confirmWrite } from "./confirmation";
import {
  createThread,
  deleteThread,
  fetchThread,
  listConfidential,
  type RemoteThread,
  updateThread,
} from "./endpoints";
import {
  equalMessages,
  normalizeInputs,
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
      baseUrl !== undefined,
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
    return { inputs: completeInputs(olds, inputs, endpoint), problems: [] };
  },

  diff(id, state, news, account): Difference {
    claimRecorded(id, state, news, account);
    const recorded = readEndpoint(state) ?? news;
    // A thread that the program adopts by its own ID is the same thread, so its record changes in place.
    const isAdopted = news.adoptId === id;
    const moved = [
      ...(recorded.workspace === news.workspace ? [] : ["workspace"]),
      ...(recorded.baseUrl === news.baseUrl ? [] : ["baseUrl"]),
    ];
    const differs = [...(!equalMessages(state.messages, news.messages) ? ["messages"] : []), ...moved];
    const isAnother = news.adoptId !== undefined && !isAdopted;
    const replaces = isAdopted ? [] : [...differs, ...(isAnother ? ["adoptId"] : [])];
    return { changed: differs.length > 0 || isAnother || differsInMetadata(state, news), replaces };
  },

  predict({ adoptId, ...declared }, state) {
    const metadata = adoptId === undefined ? {} : unknown;
    return { createdAt: unknown, metadata, workspace: null, ...state, ...declared, requestId: unknown };
  },

  async create(inputs, account): Promise<Recorded<ThreadState>> {
    const endpoint =
      readEndpoint(inputs) ?? account.configuration.resolveEndpoint("native", inputs.workspace).endpoint;
    if (inputs.adoptId !== undefined) return adopt(inputs.adoptId, inputs, endpoint, account);
    const client = await account.getClient();
    const thread = await createThread(client, endpoint, inputs);
    return recordWrite(thread, inputs, { __instance: createInstanceId() }, endpoint, account);
  },

  async read(id, state, account): Promise<Observed<ThreadInputs, ThreadState> | undefined> {
    account.claims.noteRefresh(getInstanceId(id, state));
    const endpoint = readRecordedEndpoint(state, account);
    const client = await account.getClient();
    const thread = await callGuarded(describeObject(id, state, endpoint), account, () =>
      fetchThread(client, endpoint, id, listConfidential(state)),
    );
    if (thread === undefined) {
      // Without a known key, it may exist in another account.
      if (state.__keys !== undefined) account.recordDeleted(id);
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
    if (written === undefined) {
      throw known === state ? buildGoneError(id, endpoint) : buildMissingAdoption(id, endpoint);
    }
    const thread = { ...written, ...(state.createdAt !== undefined && { createdAt: state.createdAt }) };
    return (
      await recordWrite(thread, news, { ...known, __instance: getInstanceId(id, state) }, endpoint, account)
    ).state;
  },

  async delete(id, state, account): Promise<void> {
    // Another record adopted the thread, and manages it from now on.
    const instance = getInstanceId(id, state);
    if (account.claims.isKept(id, instance)) {
      account.claims.release([id], instance);
      return;
    }
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
  const changesMessages = !hasUnknown(news.messages) && !equalMessages(olds.messages, news.messages);
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
  const instance = getInstanceId(id, state);
  const declared = news.adoptId === id ? "redeclared" : "recorded";
  const kind = account.claims.takeRefresh(instance) ? "refreshed" : declared;
  const others = account.claims.claim({ ids: [id], instance, kind });
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
  // A record that's declared with this `adoptId` may be the one that this adoption replaces.
  if (others.some(({ kind }) => kind !== "redeclared")) {
    account.claims.release([id], instance);
    throw buildDuplicateError(id);
  }
  // If the adoption fails, its claim stays: the former record must not delete the thread that the program still wants.
  const { metadata } = inputs;
  const thread = await adoptThread({ adoptId: id, ...(metadata && { metadata }) }, endpoint, account);
  return recordWrite(thread, inputs, { __instance: instance }, endpoint, account);
}

function buildGoneError(id: string, endpoint: Endpoint): DashScopeError {
  return new DashScopeError(
    "DASHSCOPE_ERR_THREAD_GONE",
    `The thread ${id} no longer exists ${describeEndpoint(endpoint)}. Run \`pulumi refresh\` to drop it from the state, then \`pulumi up\` to create it again.`,
  );
}

/** Records what a write answered, and makes sure that it did what was asked. */
async function recordWrite(
  written: RemoteThread,
  inputs: ThreadInputs,
  identity: ThreadState,
  endpoint: Endpoint,
  account: Account,
): Promise<Recorded<ThreadState>> {
  const { thread, problem } = await confirmWrite(written, inputs.metadata, endpoint, account);
  const { id } = thread;
  const state = buildState(thread, inputs, identity, endpoint, account);
  if (problem === undefined) return { id, state };
  const { reason, advice } = problem;
  throw new IncompleteError(id, state, `The thread ${id} exists and is recorded, but ${reason}. ${advice}`);
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

/** A state of an earlier release has no instance ID. What only this record knows of its thread stands for it. */
function getInstanceId(id: string, { __instance, requestId, createdAt, messages }: ThreadState): string {
  if (__instance !== undefined) return __instance;
  const known = JSON.stringify([id, requestId ?? null, createdAt ?? null, messages !== undefined]);
  return createHash("sha256").update(known).digest("base64url").slice(0, 12);
}
