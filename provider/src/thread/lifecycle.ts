import { isDeepStrictEqual } from "node:util";
import { DashScopeError } from "../dashscope/errors";
import { at, type Place } from "../dashscope/place";
import type { RemoteThread, Threads } from "../dashscope/threads";
import type { ThreadInputs, ThreadState } from "./contract";
import { AdoptionError, IncompleteThreadError } from "./errors";

/** What the lifecycle needs of DashScope. */
export type ThreadApi = Pick<Threads, "create" | "retrieve" | "update" | "delete">;

/** A thread that exists, and what is recorded of it. */
export interface Existing {
  readonly id: string;
  readonly state: ThreadState;
}

/**
 * The inputs as they are recorded: at home in a place, and with metadata that was declared once and is declared no longer
 * as an empty map, so that it is cleared instead of forgotten.
 */
export function check(olds: { readonly metadata?: unknown }, news: ThreadInputs, place: Place): ThreadInputs {
  const forgotten = olds.metadata !== undefined && news.metadata === undefined;
  return { ...news, ...place, ...(forgotten && { metadata: {} }) };
}

/**
 * Where a recorded thread lives, whatever is configured today; `undefined` for a state of before places were recorded, which
 * lives where is configured.
 */
export function placeOf({ baseUrl, workspace }: ThreadState): Place | undefined {
  return baseUrl === undefined ? undefined : { baseUrl, ...(workspace !== undefined && { workspace }) };
}

/** How a thread has to change to be as declared. */
export interface Difference {
  readonly changed: boolean;
  /** The properties of which a changed value needs another thread. */
  readonly replaces: string[];
}

/** Compares what is recorded with what is declared. */
export function diff(id: string, state: ThreadState, inputs: ThreadInputs): Difference {
  const home = placeOf(state) ?? inputs;
  const replaces = [
    ...(isDeepStrictEqual(state.messages ?? [], inputs.messages ?? []) ? [] : ["messages"]),
    ...(home.workspace === inputs.workspace ? [] : ["workspace"]),
    ...(home.baseUrl === inputs.baseUrl ? [] : ["baseUrl"]),
    ...(inputs.adoptId === undefined || inputs.adoptId === id ? [] : ["adoptId"]),
  ];
  const updated =
    inputs.metadata !== undefined &&
    (state.__metadataUndeclared === true || !isDeepStrictEqual(state.metadata ?? {}, inputs.metadata));
  return { changed: updated || replaces.length > 0, replaces };
}

/** Creates the thread, once, or takes over the one that `adoptId` names. */
export async function create(inputs: ThreadInputs, place: Place, threads: ThreadApi): Promise<Existing> {
  if (inputs.adoptId !== undefined) return adopt(inputs.adoptId, inputs, place, threads);
  const { messages = [], metadata } = inputs;
  const thread = await threads.create(place, {
    ...(messages.length > 0 && {
      messages: messages.map(({ fileIds, ...message }) => ({
        ...message,
        ...(fileIds && { file_ids: fileIds }),
      })),
    }),
    ...(metadata !== undefined && { metadata }),
  });
  return confirmed(thread, inputs, place, threads);
}

/** Observes the live thread; `undefined` when DashScope says that it is gone. */
export async function read(
  id: string,
  state: ThreadState,
  place: Place,
  threads: ThreadApi,
): Promise<ThreadState | undefined> {
  const thread = await threads.retrieve(place, id, textsIn(state));
  if (thread === undefined) return undefined;
  const { createdAt = thread.createdAt } = state;
  return { ...state, ...place, metadata: thread.metadata, ...(createdAt !== undefined && { createdAt }) };
}

/** What a program that declares the thread as it is now would say. */
export function inputsOf({
  messages,
  metadata,
  workspace,
  baseUrl,
  __metadataUndeclared,
}: ThreadState): ThreadInputs {
  return {
    ...(messages && { messages }),
    ...(metadata && !__metadataUndeclared && { metadata }),
    ...(workspace !== undefined && { workspace }),
    ...(baseUrl !== undefined && { baseUrl }),
  };
}

/** Brings the metadata in line: the whole map is sent, so that keys which are declared no longer go. */
export async function update(
  id: string,
  state: ThreadState,
  inputs: ThreadInputs,
  place: Place,
  threads: ThreadApi,
): Promise<ThreadState> {
  if (inputs.metadata === undefined) return state;
  const thread = await threads.update(place, id, inputs.metadata, textsIn(state));
  const { createdAt = thread.createdAt } = state;
  const kept = { ...thread, ...(createdAt !== undefined && { createdAt }) };
  return (await confirmed(kept, inputs, place, threads)).state;
}

/** Deletes the thread; one that is gone already is deleted. */
export async function remove(
  id: string,
  state: ThreadState,
  place: Place,
  threads: ThreadApi,
): Promise<void> {
  await threads.delete(place, id, textsIn(state));
}

async function adopt(id: string, inputs: ThreadInputs, place: Place, threads: ThreadApi): Promise<Existing> {
  const thread = await threads.retrieve(place, id, textsIn(inputs));
  if (thread === undefined) {
    throw new AdoptionError(
      `adoptId names ${id}, which does not exist ${at(place)}: name an existing thread, or leave adoptId out to create one.`,
    );
  }
  const { requestId: _, ...observed } = thread;
  if (inputs.metadata === undefined || isDeepStrictEqual(observed.metadata, inputs.metadata)) {
    return { id, state: stateOf(observed, inputs, place) };
  }
  return { id, state: await update(id, stateOf(observed, inputs, place), inputs, place, threads) };
}

/** Records what a write answered, and makes sure that it did what was asked. */
async function confirmed(
  written: RemoteThread,
  inputs: ThreadInputs,
  place: Place,
  threads: ThreadApi,
): Promise<Existing> {
  const { id } = written;
  const wanted = inputs.metadata ?? written.metadata;
  if (isDeepStrictEqual(written.metadata, wanted)) return { id, state: stateOf(written, inputs, place) };

  // Some answers leave the metadata out: only what a read shows is believed.
  const live = await readBack(id, place, threads);
  const thread = { ...written, metadata: live?.metadata ?? written.metadata };
  const state = stateOf(thread, inputs, place);
  if (isDeepStrictEqual(thread.metadata, wanted)) return { id, state };
  throw new IncompleteThreadError(
    id,
    state,
    live === undefined
      ? `Thread ${id} exists and is recorded, but DashScope did not confirm its metadata, and it could not be read back. Run \`pulumi refresh\`, then \`pulumi up\` again.`
      : `Thread ${id} exists and is recorded, but ${differences(live.metadata, wanted)}. Run \`pulumi up\` again, or declare the metadata as it is.`,
  );
}

/** `undefined` when it cannot be read: the thread has been written, so that must not lose it. */
async function readBack(id: string, place: Place, threads: ThreadApi): Promise<RemoteThread | undefined> {
  try {
    return await threads.retrieve(place, id);
  } catch (error) {
    if (error instanceof DashScopeError) return undefined;
    throw error;
  }
}

function stateOf(thread: RemoteThread, inputs: ThreadInputs, place: Place): ThreadState {
  const { id: _, ...recorded } = thread;
  return {
    ...place,
    ...recorded,
    ...(inputs.messages && { messages: inputs.messages }),
    ...(inputs.metadata === undefined && { __metadataUndeclared: true }),
  };
}

/** The keys in which metadata differs; never a value, which may be secret. */
function differences(
  live: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string {
  const kept = Object.keys(live).filter((key) => !Object.hasOwn(wanted, key));
  const missing = Object.keys(wanted).filter((key) => live[key] !== wanted[key]);
  const clauses = [
    ...(kept.length > 0 ? [`still has the metadata ${listed(kept)}, which should be gone`] : []),
    ...(missing.length > 0 ? [`has not taken the metadata ${listed(missing)}`] : []),
  ];
  return `DashScope ${clauses.join(" and ")}`;
}

/** Keys on one line, however DashScope or a program calls them. */
function listed(keys: readonly string[]): string {
  return keys.map((key) => (/^[\w.-]{1,64}$/.test(key) ? key : JSON.stringify(key.slice(0, 40)))).join(", ");
}

/** What an error must not show, should a server repeat it; of a state, whichever version or hand wrote it. */
function textsIn({ messages, metadata }: ThreadState | ThreadInputs): string[] {
  return [...stringsIn(messages), ...stringsIn(metadata)].filter(
    (text) => text !== "user" && text !== "assistant",
  );
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
