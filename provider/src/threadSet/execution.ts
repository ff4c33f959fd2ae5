import { DashScopeError } from "../dashscope/errors";
import type { Endpoint } from "../dashscope/url";
import { adoptObject, buildDuplicateError } from "../resource/adoption";
import { AccountError, toDashScopeError } from "../resource/errors";
import { callGuarded, type GuardedObject, recordKey } from "../resource/identity";
import type { Account } from "../resource/lifecycle";
import { confirmMetadata, describeProblem } from "../resource/metadata";
import type { RemoteObject } from "../resource/remoteObjects";
import { createThread, listConfidential, threads } from "../thread/endpoints";
import { CircuitBreaker, type MemberFailure } from "./failures";
import type { Step } from "./plan";
import { Progress } from "./progress";
import type { MemberInputs, MemberState, ThreadSetState } from "./schema";

/** What all steps of an operation share. */
export interface Context {
  readonly state: ThreadSetState;
  readonly instance: string;
  readonly endpoint: Endpoint;
  readonly account: Account;
  /** The threads that another record manages, so that an adoption is refused. */
  readonly managedElsewhere?: ReadonlySet<string>;
}

/** What came of an operation. */
export interface Execution {
  /** What is recorded from now on. */
  readonly members: ReadonlyMap<string, MemberState>;
  readonly failures: readonly MemberFailure[];
  /** How many steps weren't tried, because the ones before failed. */
  readonly untried: number;
  /** How many steps had an effect, also an incomplete one. */
  readonly effects: number;
  /** Whether DashScope answered for a thread of the set, so that the key is known. */
  readonly isReached: boolean;
}

/** What came of one step. */
interface StepResult {
  /** What is recorded of the member from now on. Absent: nothing. */
  readonly member?: MemberState;
  /** Set if the member is recorded, but isn't as declared. */
  readonly problem?: DashScopeError;
  readonly isReached: boolean;
}

/** Runs the steps of an operation, as many at once as the client sends requests. */
export async function executeSteps(steps: readonly Step[], context: Context): Promise<Execution> {
  const { state, endpoint, account } = context;
  const first = await runSteps(steps, new Map(Object.entries(state.threads ?? {})), context);
  const doubtful = new Set(
    first.failures.filter(({ error }) => error instanceof AccountError).map(({ key }) => key),
  );
  if (!first.isReached || doubtful.size === 0) return first;

  // The key was new to the set, and reached other members. So "gone" can be believed now, and nothing was changed before.
  const known = { ...context, state: { ...state, __keys: recordKey(state, endpoint, account) } };
  const again = steps.filter(({ key }) => doubtful.has(key));
  const second = await runSteps(again, new Map(first.members), known);
  return {
    members: second.members,
    failures: [...first.failures.filter(({ key }) => !doubtful.has(key)), ...second.failures],
    untried: first.untried + second.untried,
    effects: first.effects + second.effects,
    isReached: true,
  };
}

async function runSteps(
  steps: readonly Step[],
  members: Map<string, MemberState>,
  context: Context,
): Promise<Execution> {
  const { account } = context;
  const failures: MemberFailure[] = [];
  const breaker = new CircuitBreaker();
  const progress = new Progress(steps.length, account);
  let effects = 0;
  let isReached = false;

  const run = async (step: Step): Promise<void> => {
    const { key } = step;
    try {
      const result = await runStep(step, context);
      if (step.kind === "adopt" && step.formerKey !== undefined) members.delete(step.formerKey);
      if (result.member === undefined) members.delete(key);
      else members.set(key, result.member);
      effects++;
      isReached ||= result.isReached;
      breaker.succeeded();
      if (result.problem !== undefined) failures.push({ key, error: result.problem });
      progress.count(result.problem !== undefined);
    } catch (thrown) {
      const error = toDashScopeError(thrown);
      failures.push({ key, error });
      breaker.failed(error);
      progress.count(true);
    }
  };

  const { maxConcurrency } = account.configuration.resolveClientSettings();
  const waiting = steps.values();
  const work = async (): Promise<void> => {
    // All workers take from one iterator.
    for (const step of waiting) {
      await run(step);
      if (breaker.isOpen) return;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(maxConcurrency, steps.length) }, work));
  } finally {
    progress.stop();
  }
  return { members, failures, untried: [...waiting].length, effects, isReached };
}

function runStep(step: Step, context: Context): Promise<StepResult> {
  switch (step.kind) {
    case "create":
      return createMember(step.declared, context);
    case "adopt":
      return adoptMember(step.adoptId, step.declared, context);
    case "change":
      return changeMember(step.declared, step.recorded, context);
    case "read":
      return readMember(step.recorded, context);
    case "delete":
      return deleteMember(step.recorded, context);
    case "drop":
      return Promise.resolve({ isReached: false });
  }
}

async function createMember(declared: MemberInputs, context: Context): Promise<StepResult> {
  const { endpoint, account } = context;
  const written = await createThread(await account.getClient(), endpoint, declared);
  return recordWrite(written, declared, context);
}

async function adoptMember(adoptId: string, declared: MemberInputs, context: Context): Promise<StepResult> {
  const { endpoint, account, managedElsewhere } = context;
  if (managedElsewhere?.has(adoptId)) throw buildDuplicateError("thread", adoptId);
  const { metadata } = declared;
  const written = await adoptObject(threads, { adoptId, metadata }, endpoint, account);
  return recordWrite(written, declared, context);
}

async function changeMember(
  declared: MemberInputs,
  recorded: MemberState,
  context: Context,
): Promise<StepResult> {
  const { endpoint, account } = context;
  const client = await account.getClient();
  const { metadata } = declared;
  const written = await callGuarded(describeMember(recorded.id, context), account, () =>
    metadata === undefined
      ? threads.fetch(client, endpoint, recorded.id, listConfidential(recorded))
      : threads.update(client, endpoint, recorded.id, metadata, listConfidential(recorded)),
  );
  if (written === undefined) {
    account.recordDeleted(recorded.id);
    return { problem: buildGoneError(recorded.id), isReached: false };
  }
  const { createdAt = written.createdAt } = recorded;
  return recordWrite({ ...written, ...(createdAt !== undefined && { createdAt }) }, declared, context);
}

async function readMember(recorded: MemberState, context: Context): Promise<StepResult> {
  const { endpoint, account } = context;
  const client = await account.getClient();
  const live = await callGuarded(describeMember(recorded.id, context), account, () =>
    threads.fetch(client, endpoint, recorded.id, listConfidential(recorded)),
  );
  if (live === undefined) {
    account.recordDeleted(recorded.id);
    return { isReached: false };
  }
  const { createdAt = live.createdAt } = recorded;
  const member = { ...recorded, ...(createdAt !== undefined && { createdAt }), metadata: live.metadata };
  return { member, isReached: true };
}

async function deleteMember(recorded: MemberState, context: Context): Promise<StepResult> {
  const { instance, endpoint, account } = context;
  // Another record adopted the thread, and manages it from now on.
  if (account.claims.isKept(recorded.id, instance)) {
    account.claims.release([recorded.id], instance);
    return { isReached: false };
  }
  const client = await account.getClient();
  await callGuarded(describeMember(recorded.id, context), account, () =>
    threads.delete(client, endpoint, recorded.id, listConfidential(recorded)),
  );
  account.recordDeleted(recorded.id);
  return { isReached: true };
}

/** Records what a write answered, and makes sure that it did what was asked. */
async function recordWrite(
  written: RemoteObject,
  { messages = [], metadata, adoptId }: MemberInputs,
  { endpoint, account }: Context,
): Promise<StepResult> {
  const client = await account.getClient();
  const { object, problem } = await confirmMetadata(written, metadata, () =>
    threads.fetch(client, endpoint, written.id),
  );
  const { id, createdAt, metadata: live } = object;
  const member: MemberState = {
    id,
    ...(createdAt !== undefined && { createdAt }),
    metadata: live,
    ...(messages.length > 0 && { messages }),
    ...(adoptId !== undefined && { adoptId }),
  };
  if (problem === undefined) return { member, isReached: true };
  const sentences = describeProblem("thread", id, problem);
  return { member, problem: new DashScopeError("DASHSCOPE_ERR_INCOMPLETE", sentences), isReached: true };
}

function describeMember(id: string, { state, endpoint }: Context): GuardedObject {
  return { api: "native", noun: "thread", id, state, endpoint };
}

function buildGoneError(id: string): DashScopeError {
  return new DashScopeError(
    "DASHSCOPE_ERR_THREAD_GONE",
    `The thread ${id} no longer exists. The next \`pulumi up\` creates another one.`,
  );
}
