import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { ConfigurationError, CreateUncertainError, DashScopeError, RequestError } from "../dashscope/errors";
import { outcomes } from "../dashscope/outcomes";
import type { Endpoint } from "../dashscope/url";
import { buildDuplicateError } from "../resource/adoption";
import { IncompleteError } from "../resource/errors";
import { createInstanceId, recordKey } from "../resource/identity";
import type { Account, Checked, Difference, Lifecycle, Observed, Recorded } from "../resource/lifecycle";
import { locate, readEndpoint, separateBaseUrl } from "../resource/location";
import { listMoves, resolveNewEndpoint, resolveRecordedEndpoint } from "../resource/record";
import { unknown } from "../resource/unknown";
import { threads } from "../thread/endpoints";
import { verifyAdoptions } from "./adoptions";
import { type Context, type Execution, executeSteps } from "./execution";
import { describeFailures } from "./failures";
import { listKeys, type Plan, planUpdate, type Step } from "./plan";
import {
  checkSize,
  listMembers,
  type MemberInputs,
  type MemberState,
  normalizeSet,
  type ThreadSetInputs,
  type ThreadSetState,
  validateSet,
} from "./schema";

/** The lifecycle of a `ThreadSet`. Its ID is random, and its state contains exactly the threads that exist. */
export const threadSetLifecycle: Lifecycle<ThreadSetInputs, ThreadSetState> = {
  async check(olds, given, account): Promise<Checked<ThreadSetInputs>> {
    const { declared, isKept } = separateBaseUrl(olds, normalizeSet(given));
    const { inputs = declared, problems } = validateSet(declared);
    if (problems.length > 0) return { problems };
    const oversize = checkSize(inputs);
    if (oversize.length > 0) return { problems: oversize };

    const { endpoint, move } = locate(
      "native",
      account.configuration,
      readEndpoint(olds),
      inputs.workspace,
      isKept,
    );
    const missing = await verifyAdoptions(olds, inputs, endpoint, account);
    if (missing.length > 0) return { problems: missing };
    if (move !== undefined && !keepsThreads(olds, inputs)) {
      account.notify(
        "warning",
        `This replaces a thread set: ${move}. Pulumi deletes its threads and their conversations, unless \`retainOnDelete\` or \`retain\` is set.`,
      );
    }
    return { inputs: completeInputs(olds, inputs, endpoint), problems: [] };
  },

  diff(_id, state, news, account): Difference {
    claimMembers(state, news, account);
    const moved = listMoves(state, news);
    if (moved.length > 0 && !isRedeclared(state, news)) {
      assertReplaceable(state, news, moved);
      return { changed: true, replaces: moved };
    }
    // Nothing can be said yet about threads that aren't known.
    if (typeof news.threads !== "object") return { changed: true, replaces: [] };
    const plan = planUpdate(state, news, moved.length > 0);
    assertPossible(plan);
    describeUpdate(state, plan, account);
    const changed =
      plan.steps.length > 0 ||
      moved.length > 0 ||
      state.__unfinished !== undefined ||
      (state.protectMembers ?? false) !== (news.protectMembers ?? false) ||
      (state.retain ?? false) !== (news.retain ?? false);
    return { changed, replaces: [] };
  },

  predict(news, state) {
    const predicted = { workspace: null, ...state, ...news };
    if (typeof news.threads !== "object") return { ...predicted, ids: unknown };
    const threads = [...listMembers(news)].map(([key, member]) => ({
      key,
      member: predictMember(member, state?.threads?.[key]),
    }));
    return {
      ...predicted,
      ids: Object.fromEntries(threads.map(({ key, member }) => [key, member.id])),
      threads: Object.fromEntries(threads.map(({ key, member }) => [key, member])),
    };
  },

  async create(inputs, account): Promise<Recorded<ThreadSetState>> {
    const id = `threadset_${randomUUID()}`;
    const endpoint = resolveNewEndpoint(threads, inputs, account);
    const state = { ...endpoint, __keys: [], __instance: createInstanceId() };
    return { id, state: await applyInputs(id, state, inputs, endpoint, account) };
  },

  async read(_id, state, account): Promise<Observed<ThreadSetInputs, ThreadSetState>> {
    account.claims.noteRefresh(getInstanceId(state));
    const observed = await readMembers(state, account, Object.keys(state.threads ?? {}));
    return { state: observed, inputs: deriveInputs(observed) };
  },

  async update(id, state, news, account): Promise<ThreadSetState> {
    const recorded = resolveRecordedEndpoint(threads, state, account);
    const endpoint = isRedeclared(state, news) ? (readEndpoint(news) ?? recorded) : recorded;
    // A step of the last update that failed may have worked, so its member is read before anything is changed.
    const known =
      state.__unfinished === undefined ? state : await readMembers(state, account, state.__unfinished);
    return applyInputs(id, known, news, endpoint, account);
  },

  async delete(_id, state, account): Promise<void> {
    if (state.retain === true) return;
    const steps = listSteps("delete", state);
    const execution = await executeSteps(steps, buildContext(state, account));
    assertComplete(execution, steps.length, account);
  },
};

/** What would be recorded of one member. One that isn't known yet has no properties. */
function predictMember(declared: MemberInputs, recorded: MemberState | undefined) {
  const { adoptId, metadata = adoptId === undefined ? {} : unknown } = declared;
  return {
    id: adoptId ?? unknown,
    createdAt: unknown,
    metadata,
    ...recorded,
    ...(typeof declared === "object" && declared),
  };
}

/** Reads members, and leaves out those that are gone. */
async function readMembers(
  state: ThreadSetState,
  account: Account,
  keys: readonly string[],
): Promise<ThreadSetState> {
  const context = buildContext(state, account);
  const wanted = new Set(keys);
  const steps = listSteps("read", state).filter(({ key }) => wanted.has(key));
  const execution = await executeSteps(steps, context);
  assertComplete(execution, steps.length, account);
  return buildState(execution.members, state, updateKeys(execution, context), context);
}

/** Creates, adopts, changes and deletes what differs, and returns the whole state. */
async function applyInputs(
  id: string,
  state: ThreadSetState,
  news: ThreadSetInputs,
  endpoint: Endpoint,
  account: Account,
): Promise<ThreadSetState> {
  const isMoved = !isDeepStrictEqual(endpoint, resolveRecordedEndpoint(threads, state, account));
  const plan = planUpdate(state, news, isMoved);
  assertPossible(plan);
  const { steps } = plan;
  // A record that moves has no key yet that reached the new endpoint.
  const known = isMoved ? { ...state, ...endpoint, __keys: [] } : state;
  const context = { ...buildContext(known, account), endpoint };
  const adoptions = steps.flatMap((step) => (step.kind === "adopt" ? [step] : []));
  const managedElsewhere = claimAdoptions(adoptions, context);
  const execution = await executeSteps(steps, { ...context, managedElsewhere });

  const { members, failures, untried, effects } = execution;
  const keys = updateKeys(execution, context);
  const next = buildState(members, describeDeclared(state, news), keys, context);
  if (failures.length === 0 && untried === 0) return next;

  if (effects === 0 && !failures.some(({ error }) => mayHaveWorked(error)))
    assertComplete(execution, steps.length, account);
  throw new IncompleteError(
    id,
    { ...next, __unfinished: listUnfinished(steps, execution) },
    `${describeFailures(failures, steps.length, untried, account)} What was done is recorded. Run \`pulumi up\` again to continue with the rest.`,
  );
}

/** The keys of the recorded members whose steps failed, and may have worked all the same. */
function listUnfinished(steps: readonly Step[], { failures, members }: Execution): readonly string[] {
  const failed = new Set(failures.map(({ key }) => key));
  return steps
    .filter(({ key }) => failed.has(key))
    .map((step) => (step.kind === "adopt" ? (step.formerKey ?? step.key) : step.key))
    .filter((key) => members.has(key));
}

/** Whether a step that failed may have done its work. */
function mayHaveWorked(error: Error): boolean {
  if (error instanceof RequestError) return outcomes[error.outcome].mayHaveWorked;
  return error instanceof CreateUncertainError;
}

function listSteps(kind: "read" | "delete", { threads = {} }: ThreadSetState): Step[] {
  return Object.entries(threads).map(([key, recorded]) => ({ kind, key, recorded }));
}

/** The keys that reached the set, with today's if it did. */
function updateKeys({ isReached }: Execution, { state, endpoint, account }: Context): readonly string[] {
  return isReached ? recordKey(state, endpoint, account) : (state.__keys ?? []);
}

/** @throws DashScopeError if a step failed, with the code of the first failure */
function assertComplete({ failures, untried }: Execution, total: number, account: Account): void {
  const [first] = failures;
  if (first === undefined) return;
  throw new DashScopeError(first.error.code, describeFailures(failures, total, untried, account));
}

/** @throws ConfigurationError if the program asks for something that can't be done in place */
function assertPossible({ refusals }: Plan): void {
  if (refusals.length === 0) return;
  const more = refusals.length - 3;
  throw new ConfigurationError(
    [...refusals.slice(0, 3), ...(more > 0 ? [`${more} more members have such a change.`] : [])].join(" "),
  );
}

/** @throws ConfigurationError if the members are protected from a replacement */
function assertReplaceable(state: ThreadSetState, news: ThreadSetInputs, moved: readonly string[]): void {
  if (news.protectMembers !== true || Object.keys(state.threads ?? {}).length === 0) return;
  throw new ConfigurationError(
    `\`protectMembers\` is set, but a change of \`${moved.join("` and `")}\` replaces the set and all of its threads. To replace them, set \`protectMembers\` to false first.`,
  );
}

/** Says in the preview what Pulumi's own display doesn't: what is deleted, and what an earlier update left to do. */
function describeUpdate(state: ThreadSetState, { steps }: Plan, account: Account): void {
  const listStepKeys = (...kinds: Step["kind"][]) =>
    steps.filter(({ kind }) => kinds.includes(kind)).map(({ key }) => key);
  const deleted = listStepKeys("delete");
  if (deleted.length > 0) {
    account.notify(
      "warning",
      `This deletes the threads of ${listKeys(deleted)}, and their conversations. To keep them, set \`retain\`.`,
    );
  }
  const dropped = listStepKeys("drop");
  if (dropped.length > 0) {
    account.notify(
      "info",
      `The threads of ${listKeys(dropped)} are no longer managed. \`retain\` keeps them.`,
    );
  }
  if (state.__unfinished === undefined || steps.length === 0) return;
  const created = listStepKeys("create", "adopt");
  const changed = listStepKeys("change");
  const parts = [
    ...(created.length > 0 ? [`creates ${listKeys(created)}`] : []),
    ...(changed.length > 0 ? [`changes ${listKeys(changed)}`] : []),
    ...(deleted.length > 0 ? [`deletes ${listKeys(deleted)}`] : []),
  ];
  if (parts.length > 0) account.notify("info", `This continues the last update: it ${parts.join(", ")}.`);
}

/** @throws AdoptionError if the program declares another record of one of the threads */
function claimMembers(state: ThreadSetState, news: ThreadSetInputs, account: Account): void {
  const declared = listMembers(news);
  const isKnown = typeof news.threads === "object";
  const instance = getInstanceId(state);
  const isRefresh = account.claims.takeRefresh(instance);
  const ids = { recorded: [] as string[], redeclared: [] as string[] };
  for (const [key, { id }] of Object.entries(state.threads ?? {})) {
    const member = declared.get(key);
    // A member that the program removed is claimed no more, so that another record can adopt its thread.
    if (member === undefined && isKnown) continue;
    ids[member?.adoptId === id ? "redeclared" : "recorded"].push(id);
  }
  for (const kind of ["recorded", "redeclared"] as const) {
    if (ids[kind].length === 0) continue;
    const [other] = account.claims.claim({ ids: ids[kind], instance, kind: isRefresh ? "refreshed" : kind });
    if (other !== undefined) throw buildDuplicateError("thread", other.ids[0] ?? "");
  }
}

type AdoptStep = Extract<Step, { kind: "adopt" }>;

/** Claims the threads that are adopted, and returns those that another record manages. */
function claimAdoptions(adoptions: readonly AdoptStep[], { instance, account }: Context): Set<string> {
  if (adoptions.length === 0) return new Set();
  const ids = adoptions.map(({ adoptId }) => adoptId);
  const others = account.claims.claim({ ids, instance, kind: "adopted" });
  // A record that's declared with this `adoptId` may be the one that this adoption replaces.
  const managed = new Set(others.filter(({ kind }) => kind !== "redeclared").flatMap((other) => other.ids));
  // If another adoption fails, its claim stays: the former record must not delete the thread that the program still wants.
  if (managed.size > 0) account.claims.release([...managed], instance);
  return managed;
}

function buildContext(state: ThreadSetState, account: Account): Context {
  return {
    state,
    instance: getInstanceId(state),
    endpoint: resolveRecordedEndpoint(threads, state, account),
    account,
  };
}

/** Everything about a set that isn't recorded for each member. */
type SetDescription = Pick<
  ThreadSetState,
  "protectMembers" | "retain" | "__metadataUndeclared" | "__unfinished"
> & { readonly declared?: ReadonlyMap<string, MemberInputs> };

function describeDeclared(state: ThreadSetState, news: ThreadSetInputs): SetDescription {
  const { protectMembers, retain } = news;
  const declared = listMembers(news);
  // A member that couldn't be removed is as it was.
  const removed = state.__metadataUndeclared?.filter((key) => !declared.has(key)) ?? [];
  const undeclared = [...declared].flatMap(([key, { metadata }]) => (metadata === undefined ? [key] : []));
  return {
    ...(protectMembers !== undefined && { protectMembers }),
    ...(retain !== undefined && { retain }),
    __metadataUndeclared: [...removed, ...undeclared],
    declared,
  };
}

function buildState(
  members: ReadonlyMap<string, MemberState>,
  set: SetDescription,
  keys: readonly string[],
  { endpoint, instance }: Context,
): ThreadSetState {
  const { protectMembers, retain, __unfinished, declared } = set;
  const undeclared = (set.__metadataUndeclared ?? []).filter((key) => members.has(key));
  return {
    ...endpoint,
    ids: Object.fromEntries([...members].map(([key, { id }]) => [key, id])),
    threads: Object.fromEntries(
      [...members].map(([key, member]) => [key, repeatAdoptId(member, declared?.get(key))]),
    ),
    ...(protectMembers !== undefined && { protectMembers }),
    ...(retain !== undefined && { retain }),
    ...(undeclared.length > 0 && { __metadataUndeclared: undeclared }),
    ...(__unfinished && { __unfinished }),
    __keys: keys,
    __instance: instance,
  };
}

/** Repeats the declared `adoptId`, also of a member that isn't changed otherwise. */
function repeatAdoptId(member: MemberState, declared: MemberInputs | undefined): MemberState {
  if (declared === undefined || declared.adoptId === member.adoptId) return member;
  const { adoptId: _, ...rest } = member;
  return { ...rest, ...(declared.adoptId !== undefined && { adoptId: declared.adoptId }) };
}

/** What a program that declares the set as it is would say. */
function deriveInputs(state: ThreadSetState): ThreadSetInputs {
  const { workspace, baseUrl, protectMembers, retain } = state;
  const undeclared = new Set(state.__metadataUndeclared);
  const threads = Object.entries(state.threads ?? {}).map(([key, { messages, metadata, adoptId }]) => [
    key,
    {
      ...(messages && { messages: [...messages] }),
      ...(!undeclared.has(key) && { metadata: { ...metadata } }),
      ...(adoptId !== undefined && { adoptId }),
    },
  ]);
  return {
    threads: Object.fromEntries(threads),
    ...(workspace !== undefined && { workspace }),
    ...(protectMembers !== undefined && { protectMembers }),
    ...(retain !== undefined && { retain }),
    ...(baseUrl !== undefined && { baseUrl }),
  };
}

/** Adds the endpoint, and turns metadata that the program removed from a member into `{}` so that the update clears it. */
function completeInputs(
  olds: Partial<ThreadSetInputs>,
  news: ThreadSetInputs,
  endpoint: Endpoint,
): ThreadSetInputs {
  if (typeof news.threads !== "object") return { ...news, ...endpoint };
  const old = listMembers(olds);
  const threads = Object.entries(news.threads).map(([key, member]) => {
    const isRemoved =
      typeof member === "object" && old.get(key)?.metadata !== undefined && member.metadata === undefined;
    return [key, isRemoved ? { ...member, metadata: {} } : member];
  });
  return { ...news, threads: Object.fromEntries(threads), ...endpoint };
}

/** Whether the program declares every recorded thread by its ID, so that the record can move to another endpoint in place. */
function isRedeclared(state: ThreadSetState, news: ThreadSetInputs): boolean {
  const declared = listMembers(news);
  return Object.entries(state.threads ?? {}).every(([key, { id }]) => declared.get(key)?.adoptId === id);
}

/** Whether every earlier member is declared with an `adoptId`. The check isn't told the IDs. */
function keepsThreads(olds: Partial<ThreadSetInputs>, news: ThreadSetInputs): boolean {
  const declared = listMembers(news);
  return [...listMembers(olds).keys()].every((key) => declared.get(key)?.adoptId !== undefined);
}

/** @throws ConfigurationError if the state isn't of a set that `create` recorded */
function getInstanceId({ __instance }: ThreadSetState): string {
  if (__instance !== undefined) return __instance;
  throw new ConfigurationError(
    "A `ThreadSet` exists only in the state of its stack, so it can't be read by its ID. Declare it without the option `id`.",
  );
}
