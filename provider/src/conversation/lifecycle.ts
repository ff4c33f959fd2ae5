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
  type Metadata,
} from "../resource/metadata";
import {
  buildRecord,
  claimRecorded,
  deleteRecorded,
  deriveInputs,
  listMoves,
  type ObjectState,
  type RecordedObject,
  readRecorded,
  resolveNewEndpoint,
  updateRecorded,
} from "../resource/record";
import { listStrings, type RemoteObject } from "../resource/remoteObjects";
import { unknown } from "../resource/unknown";
import { type Addition, addRemaining, resumeAdding } from "./batches";
import { batchSize, conversations, createConversation } from "./endpoints";
import { fromInput } from "./item";
import {
  type ConversationInputs,
  type ConversationState,
  equalItems,
  listReplacingInputs,
  normalizeConversation,
  type ThreadCopy,
  type UnfinishedCreation,
  validateConversation,
} from "./schema";
import { chooseCopy, readChosen, verifyCopy } from "./threadCopy";

/** The lifecycle of a `Conversation`. */
export const conversationLifecycle: Lifecycle<ConversationInputs, ConversationState> = {
  async check(olds, given, account): Promise<Checked<ConversationInputs>> {
    const { declared, isKept } = separateBaseUrl(olds, normalizeConversation(given));
    const { inputs = declared, problems } = validateConversation(declared);
    if (problems.length > 0) return { problems };

    const { configuration } = account;
    const location = locate("compatible", configuration, readEndpoint(olds), inputs.workspace, isKept);
    const { endpoint } = location;
    const elsewhere = refuseElsewhere("conversation", location, listReplacingInputs(olds, inputs));
    if (elsewhere.length > 0) return { problems: elsewhere };
    const missing = [
      ...(await verifyAdoption(conversations, olds, inputs, endpoint, account)),
      ...(await verifyCopy(olds, inputs, account)),
    ];
    if (missing.length > 0) return { problems: missing };
    if (inputs.adoptId === undefined) announceMove("conversation", location, account);
    return { inputs: { ...clearRemovedMetadata(olds, inputs), ...endpoint }, problems: [] };
  },

  diff(id, state, news, account): Difference {
    claimRecorded({ objects: conversations, id, state }, news, account);
    // A conversation that the program adopts by its own ID is the same conversation, so its record changes in place.
    const isAdopted = news.adoptId === id;
    const differs = [
      ...(equalItems(state.items, news.items) ? [] : ["items"]),
      ...(news.fromThread === undefined || news.fromThread === state.fromThread ? [] : ["fromThread"]),
      ...listMoves(state, news),
    ];
    const isAnother = news.adoptId !== undefined && !isAdopted;
    const replaces = isAdopted ? [] : [...differs, ...(isAnother ? ["adoptId"] : [])];
    if (differs.length > 0 || isAnother || differsInMetadata(state, news)) return { changed: true, replaces };
    if (state.__unfinished === undefined) return { changed: false, replaces };
    account.notify("info", `This completes the conversation ${id}, whose creation was interrupted.`);
    return { changed: true, replaces, isUnfinished: true };
  },

  predict({ adoptId, ...declared }, state) {
    // Of an adopted or a copied conversation, only DashScope knows the metadata.
    const isOwn = adoptId === undefined && declared.fromThread === undefined;
    const metadata = isOwn ? {} : unknown;
    return { createdAt: unknown, metadata, workspace: null, ...state, ...declared, requestId: unknown };
  },

  async create(inputs, account): Promise<Recorded<ConversationState>> {
    const endpoint = resolveNewEndpoint(conversations, inputs, account);
    const { adoptId, metadata } = inputs;
    if (adoptId !== undefined) {
      const __instance = claimAdoption(adoptId, "conversation", account);
      const adopted = await adoptObject(conversations, { adoptId, metadata }, endpoint, account);
      return recordWrite(adopted, inputs, { __instance }, undefined, endpoint, account);
    }
    const { items, copy, metadata: copied } = await chooseItems(inputs, account);
    const first = { items: items.slice(0, batchSize), metadata: metadata ?? copied };
    const client = await account.getClient();
    const created = await createConversation(client, endpoint, first);
    const arrival = { confirmed: first.items.length };
    const addition = await addRemaining(client, endpoint, created.id, items, arrival);
    const creation = { ...addition, count: items.length, copy, metadata: first.metadata };
    return recordWrite(created, inputs, { __instance: createInstanceId() }, creation, endpoint, account);
  },

  async read(id, state, account): Promise<Observed<ConversationInputs, ConversationState> | undefined> {
    const observed = await readRecorded(describeRecord(id, state), account);
    return observed && { state: observed, inputs: { ...repeatInputs(observed), ...deriveInputs(observed) } };
  },

  async update(id, state, news, account): Promise<ConversationState> {
    const unfinished = selectUnfinished(state, news);
    const metadata = news.metadata ?? unfinished?.metadata;
    const wanted = { ...news, ...(metadata && { metadata }) };
    const updated = await updateRecorded(describeRecord(id, state), wanted, account, buildGoneError);
    const { object, identity, endpoint } = updated;
    const creation = unfinished && {
      ...(await resumeCreation(id, unfinished, news, endpoint, account)),
      metadata,
    };
    // It stays recorded when the program removes it, so that setting it again isn't a change.
    const { fromThread = state.fromThread } = news;
    const inputs = { ...news, ...(fromThread !== undefined && { fromThread }) };
    return (await recordWrite(object, inputs, identity, creation, endpoint, account)).state;
  },

  delete(id, state, account): Promise<void> {
    return deleteRecorded(describeRecord(id, state), account);
  },
};

/** A creation that has added what it could. */
interface Creation extends Addition {
  /** How many items the conversation is to get. */
  readonly count: number;
  readonly copy: ThreadCopy | undefined;
  /** The metadata that the conversation is to get, declared or copied. */
  readonly metadata: Metadata | undefined;
}

function describeRecord(id: string, state: ConversationState): RecordedObject<ConversationState> {
  const confidential = listStrings([state.items?.map(({ content }) => content), state.metadata]);
  return { objects: conversations, id, state, confidential };
}

/** What the outputs repeat of the inputs. */
function repeatInputs({ items, fromThread }: Pick<ConversationState, "items" | "fromThread">) {
  return { ...(items && { items: [...items] }), ...(fromThread !== undefined && { fromThread }) };
}

async function chooseItems(inputs: ConversationInputs, account: Account) {
  const { fromThread, items = [] } = inputs;
  if (fromThread !== undefined) return chooseCopy(fromThread, inputs, account);
  return { items: items.map(fromInput), copy: undefined, metadata: undefined };
}

/** Returns what a creation left to do, if the program still wants it. */
function selectUnfinished(
  { __unfinished, fromThread }: ConversationState,
  news: ConversationInputs,
): UnfinishedCreation | undefined {
  const isWanted = __unfinished?.copy ? news.fromThread === fromThread : news.items !== undefined;
  return isWanted ? __unfinished : undefined;
}

async function resumeCreation(
  id: string,
  { copy, ...start }: UnfinishedCreation,
  { items = [] }: ConversationInputs,
  endpoint: Endpoint,
  account: Account,
): Promise<Omit<Creation, "metadata">> {
  const client = await account.getClient();
  const readItems = async () => (copy === undefined ? items.map(fromInput) : readChosen(copy, account));
  const addition = await resumeAdding(client, endpoint, id, readItems, start);
  return { ...addition, count: copy?.messages.length ?? items.length, copy };
}

/** Records what a write answered, and makes sure that the conversation is as declared. */
async function recordWrite(
  written: RemoteObject,
  inputs: ConversationInputs,
  identity: ObjectState,
  creation: Creation | undefined,
  endpoint: Endpoint,
  account: Account,
): Promise<Recorded<ConversationState>> {
  const client = await account.getClient();
  const { object, problem } = await confirmMetadata(written, creation?.metadata ?? inputs.metadata, () =>
    conversations.fetch(client, endpoint, written.id),
  );
  const { id } = object;
  const unfinished = creation && describeUnfinished(creation, problem !== undefined);
  const own = { ...repeatInputs(inputs), ...(unfinished && { __unfinished: unfinished }) };
  const state = buildRecord(object, inputs, identity, own, endpoint, account);
  if (creation?.error !== undefined) throw new IncompleteError(id, state, describeMissingItems(id, creation));
  if (problem !== undefined)
    throw new IncompleteError(id, state, describeProblem("conversation", id, problem));
  return { id, state };
}

function describeUnfinished(
  { arrival, copy, metadata, error }: Creation,
  lacksMetadata: boolean,
): UnfinishedCreation | undefined {
  if (error === undefined && !lacksMetadata) return undefined;
  return { ...arrival, ...(copy && { copy }), ...(lacksMetadata && metadata && { metadata }) };
}

function describeMissingItems(id: string, { arrival, count, copy, error }: Creation): string {
  return `The conversation ${id} exists and is recorded, but DashScope confirmed only ${arrival.confirmed} of its ${count} items: ${error?.sentences ?? ""} Run \`pulumi up\` again to add the others${copy === undefined ? "" : ", or remove `fromThread` to keep the conversation as it is"}.`;
}

function buildGoneError(id: string, endpoint: Endpoint): DashScopeError {
  return new DashScopeError(
    "DASHSCOPE_ERR_CONVERSATION_GONE",
    `The conversation ${id} no longer exists ${describeEndpoint(endpoint)}. Run \`pulumi refresh\` to drop it from the state, then \`pulumi up\` to create it again.`,
  );
}
