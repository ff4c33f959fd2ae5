import { DashScopeError } from "../dashscope/errors";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { adoptObject, claimAdoption, verifyAdoption } from "../resource/adoption";
import { IncompleteError } from "../resource/errors";
import { createInstanceId } from "../resource/identity";
import type { Account, Checked, Difference, Lifecycle, Observed, Recorded } from "../resource/lifecycle";
import { announceMove, locate, readEndpoint, refuseElsewhere, separateBaseUrl } from "../resource/location";
import {
  clearRemovedMetadata,
  confirmMetadata,
  describeProblem,
  differsInMetadata,
} from "../resource/metadata";
import {
  buildRecord,
  claimRecorded,
  deleteRecorded,
  deriveInputs,
  listMoves,
  type RecordedObject,
  readRecorded,
  resolveNewEndpoint,
  updateRecorded,
} from "../resource/record";
import type { RemoteObject } from "../resource/remoteObjects";
import { hasUnknown, unknown } from "../resource/unknown";
import { createThread, listConfidential, threads } from "./endpoints";
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
    const { declared, isKept } = separateBaseUrl(olds, normalizeInputs(given));
    const { inputs = declared, problems } = validateInputs(declared);
    if (problems.length > 0) return { problems };

    const location = locate("native", account.configuration, readEndpoint(olds), inputs.workspace, isKept);
    const { endpoint } = location;
    const elsewhere = refuseElsewhere("thread", location, listReplacingInputs(olds, inputs));
    if (elsewhere.length > 0) return { problems: elsewhere };
    const adoption = await verifyAdoption(threads, olds, inputs, endpoint, account);
    if (adoption.length > 0) return { problems: adoption };
    if (inputs.adoptId === undefined) announceMove("thread", location, account);
    return { inputs: { ...clearRemovedMetadata(olds, inputs), ...endpoint }, problems: [] };
  },

  diff(id, state, news, account): Difference {
    claimRecorded({ objects: threads, id, state }, news, account);
    // A thread that the program adopts by its own ID is the same thread, so its record changes in place.
    const isAdopted = news.adoptId === id;
    const differs = [
      ...(equalMessages(state.messages, news.messages) ? [] : ["messages"]),
      ...listMoves(state, news),
    ];
    const isAnother = news.adoptId !== undefined && !isAdopted;
    const replaces = isAdopted ? [] : [...differs, ...(isAnother ? ["adoptId"] : [])];
    return { changed: differs.length > 0 || isAnother || differsInMetadata(state, news), replaces };
  },

  predict({ adoptId, ...declared }, state) {
    const metadata = adoptId === undefined ? {} : unknown;
    return { createdAt: unknown, metadata, workspace: null, ...state, ...declared, requestId: unknown };
  },

  async create(inputs, account): Promise<Recorded<ThreadState>> {
    const endpoint = resolveNewEndpoint(threads, inputs, account);
    const { adoptId, metadata } = inputs;
    const __instance = adoptId === undefined ? createInstanceId() : claimAdoption(adoptId, "thread", account);
    const thread =
      adoptId === undefined
        ? await createThread(await account.getClient(), endpoint, inputs)
        : await adoptObject(threads, { adoptId, metadata }, endpoint, account);
    return recordWrite(thread, inputs, { __instance }, endpoint, account);
  },

  async read(id, state, account): Promise<Observed<ThreadInputs, ThreadState> | undefined> {
    const observed = await readRecorded(describeRecord(id, state), account);
    return observed && { state: observed, inputs: { ...repeatInputs(observed), ...deriveInputs(observed) } };
  },

  async update(id, state, news, account): Promise<ThreadState> {
    const updated = await updateRecorded(describeRecord(id, state), news, account, buildGoneError);
    return (await recordWrite(updated.object, news, updated.identity, updated.endpoint, account)).state;
  },

  delete(id, state, account): Promise<void> {
    return deleteRecorded(describeRecord(id, state), account);
  },
};

function describeRecord(id: string, state: ThreadState): RecordedObject<ThreadState> {
  return { objects: threads, id, state, confidential: listConfidential(state) };
}

/** Records what a write answered, and makes sure that it applied the metadata. */
async function recordWrite(
  written: RemoteObject,
  inputs: ThreadInputs,
  identity: ThreadState,
  endpoint: Endpoint,
  account: Account,
): Promise<Recorded<ThreadState>> {
  const client = await account.getClient();
  const { object, problem } = await confirmMetadata(written, inputs.metadata, () =>
    threads.fetch(client, endpoint, written.id),
  );
  const { id } = object;
  const state = buildRecord(object, inputs, identity, repeatInputs(inputs), endpoint, account);
  if (problem !== undefined) throw new IncompleteError(id, state, describeProblem("thread", id, problem));
  return { id, state };
}

/** What the outputs repeat of the inputs. */
function repeatInputs({ messages }: Pick<ThreadState, "messages">): Pick<ThreadInputs, "messages"> {
  return messages === undefined ? {} : { messages: [...messages] };
}

/** The inputs whose change replaces a recorded thread. What isn't known yet doesn't count. */
function listReplacingInputs(olds: Partial<ThreadInputs>, news: ThreadInputs): string[] {
  const changesMessages = !hasUnknown(news.messages) && !equalMessages(olds.messages, news.messages);
  const changesAdoption =
    news.adoptId !== undefined && news.adoptId !== olds.adoptId && !hasUnknown(news.adoptId);
  return [...(changesMessages ? ["messages"] : []), ...(changesAdoption ? ["adoptId"] : [])];
}

function buildGoneError(id: string, endpoint: Endpoint): DashScopeError {
  return new DashScopeError(
    "DASHSCOPE_ERR_THREAD_GONE",
    `The thread ${id} no longer exists ${describeEndpoint(endpoint)}. Run \`pulumi refresh\` to drop it from the state, then \`pulumi up\` to create it again.`,
  );
}
