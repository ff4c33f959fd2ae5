import { afterAll, beforeAll, test } from "@jest/globals";
import { type Emulator, type Fault, startEmulator } from "dashscope-emulator";
import fc from "fast-check";
import { DashScopeError } from "../../../../provider/src/dashscope/errors";
import { IncompleteError } from "../../../../provider/src/resource/errors";
import { threadSetLifecycle } from "../../../../provider/src/threadSet/lifecycle";
import type { ThreadSetInputs, ThreadSetState } from "../../../../provider/src/threadSet/schema";
import { createAccount } from "./serverAccount";

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

type Program = Readonly<Record<string, { readonly metadata: Readonly<Record<string, string>> }>>;

/** One stack, as the engine records it. */
class Model {
  id: string | undefined;
  state: ThreadSetState = {};
  inputs: Partial<ThreadSetInputs> = {};
  /** How many uncertain creates the messages owned up to. */
  told = 0;

  async up(program: Program): Promise<boolean> {
    const account = createAccount(emulator.url);
    const { inputs, problems } = await threadSetLifecycle.check(this.inputs, { threads: program }, account);
    if (inputs === undefined) throw new Error(problems.join("\n"));
    try {
      if (this.id === undefined) {
        const { id, state } = await threadSetLifecycle.create(inputs, account);
        this.id = id;
        this.state = state;
      } else {
        threadSetLifecycle.diff(this.id, this.state, inputs, account);
        this.state = await threadSetLifecycle.update(this.id, this.state, inputs, account);
      }
      this.inputs = inputs;
      return true;
    } catch (error) {
      if (!(error instanceof DashScopeError)) throw error;
      this.told += error.message.match(/\(sent at /g)?.length ?? 0;
      if (error instanceof IncompleteError) {
        this.id = error.id;
        this.state = { ...error.state };
        this.inputs = inputs;
      }
      return false;
    }
  }

  async refresh(): Promise<void> {
    if (this.id === undefined) return;
    try {
      const live = await threadSetLifecycle.read(this.id, this.state, createAccount(emulator.url));
      if (live !== undefined) [this.state, this.inputs] = [live.state, live.inputs];
    } catch (error) {
      if (!(error instanceof DashScopeError)) throw error;
    }
  }

  /** Every thread that exists is recorded once, or a message named its create. */
  assertNothingIsLost(): void {
    const ids = Object.values(this.state.ids ?? {});
    const live = new Set(emulator.threads().map(({ id }) => id));
    if (new Set(ids).size !== ids.length) throw new Error("A thread is recorded twice.");
    const unknown = [...live].filter((id) => !ids.includes(id));
    if (unknown.length > this.told)
      throw new Error(`${unknown.length} threads are unknown to state and messages.`);
  }

  assertAgreement(program: Program): void {
    const live = new Map(emulator.threads().map(({ id, metadata }) => [id, metadata]));
    const recorded = Object.entries(this.state.ids ?? {});
    const actual = Object.fromEntries(recorded.map(([key, id]) => [key, { metadata: live.get(id) }]));
    if (fc.stringify(sort(actual)) !== fc.stringify(sort(program)))
      throw new Error(`The server has ${fc.stringify(actual)}.`);
  }
}

function sort(value: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(value).sort(([one], [other]) => one.localeCompare(other));
}

const program = fc.dictionary(
  fc.constantFrom("a", "b", "c", "d", "e", "f"),
  fc.record({ metadata: fc.constantFrom({}, { plan: "gold" }, { plan: "free" }) }, { noNullPrototype: true }),
  { noNullPrototype: true },
);
const fault = fc.record({
  kind: fc.constantFrom("dropAfter", "dropBefore", "truncate", "refused", "failed"),
  verb: fc.constantFrom("create", "update", "delete", "retrieve"),
  times: fc.integer({ min: 1, max: 3 }),
});
const step = fc.record({ program, faults: fc.array(fault, { maxLength: 3 }), refreshes: fc.boolean() });

function toFault({
  kind,
  verb,
  times,
}: {
  kind: string;
  verb: "create" | "update" | "delete" | "retrieve";
  times: number;
}): Fault {
  if (kind === "refused") return { kind: "error", status: 400, code: "InvalidParameter", verb, times };
  if (kind === "failed") return { kind: "error", status: 500, verb, times };
  if (kind === "dropBefore") return { kind, verb, times };
  return { kind: kind === "truncate" ? "truncate" : "dropAfter", verb, times };
}

test("server and program agree after each `up` that succeeds, and nothing is lost after each that fails", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      emulator.setFaults([]);
      const client = createAccount(emulator.url);
      for (const { id } of emulator.threads()) {
        await fetch(`${emulator.url}/threads/${id}`, {
          method: "DELETE",
          headers: { authorization: `Bearer ${client.configuration.resolveCredential().key}` },
        });
      }
      const model = new Model();
      for (const { program, faults, refreshes } of steps) {
        emulator.setFaults(faults.map(toFault));
        if (await model.up(program)) model.assertAgreement(program);
        model.assertNothingIsLost();
        if (refreshes) await model.refresh();
        model.assertNothingIsLost();
      }
      emulator.setFaults([]);
      const last = steps.at(-1)?.program ?? {};
      if (!(await model.up(last))) await model.up(last);
      model.assertAgreement(last);
      model.assertNothingIsLost();
    }),
    { numRuns: 60 },
  );
});
