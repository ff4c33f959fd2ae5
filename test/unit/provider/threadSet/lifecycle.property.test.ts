import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Emulator, type Fault, startEmulator } from "dashscope-emulator";
import fc from "fast-check";
import { DashScopeError } from "../../../../provider/src/dashscope/errors";
import { threadSetLifecycle } from "../../../../provider/src/threadSet/lifecycle";
import type { ThreadSetState } from "../../../../provider/src/threadSet/schema";
import { deleteRemotely } from "../emulated";
import { Stack } from "../stack";
import { connectAccount } from "../testAccount";

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const threads = fc.dictionary(
  fc.constantFrom("a", "b", "c", "d", "e", "f"),
  fc.record({ metadata: fc.constantFrom({}, { plan: "gold" }, { plan: "free" }) }, { noNullPrototype: true }),
  { noNullPrototype: true },
);
const fault = fc
  .tuple(
    fc.constantFrom<Fault>(
      { kind: "dropAfter" },
      { kind: "dropBefore" },
      { kind: "truncate" },
      { kind: "error", status: 400, code: "InvalidParameter" },
      { kind: "error", status: 500 },
    ),
    fc.constantFrom<"create" | "update" | "delete" | "retrieve">("create", "update", "delete", "retrieve"),
    fc.integer({ min: 1, max: 3 }),
  )
  .map(([one, verb, times]): Fault => ({ ...one, verb, times }));
const chapter = fc.record({ threads, faults: fc.array(fault, { maxLength: 3 }), refreshes: fc.boolean() });

/** Every thread that exists is recorded once, or a message named its create. */
function assertNothingIsLost({ ids = {} }: ThreadSetState, told: number): void {
  const recorded = Object.values(ids);
  expect(new Set(recorded).size).toBe(recorded.length);
  expect(emulator.threads().filter(({ id }) => !recorded.includes(id)).length).toBeLessThanOrEqual(told);
}

function readMembers({ ids = {} }: ThreadSetState) {
  const live = new Map(emulator.threads().map(({ id, metadata }) => [id, metadata]));
  return Object.fromEntries(Object.entries(ids).map(([key, id]) => [key, { metadata: live.get(id) }]));
}

test("server and program agree after each `up` that succeeds, and nothing is lost after each that fails", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(chapter, { minLength: 1, maxLength: 6 }), async (story) => {
      emulator.setFaults([]);
      for (const { id } of emulator.threads()) await deleteRemotely(`${emulator.url}/threads/${id}`);
      const stack = new Stack(threadSetLifecycle);
      let told = 0;
      const up = async (declared: object) => {
        const error = await stack.up({ threads: declared }, connectAccount(emulator.url));
        told += error?.message.match(/\(sent at /g)?.length ?? 0;
        if (error === undefined) expect(readMembers(stack.state)).toEqual(declared);
        assertNothingIsLost(stack.state, told);
        return error;
      };
      for (const { threads: declared, faults, refreshes } of story) {
        emulator.setFaults(faults);
        await up(declared);
        if (!refreshes) continue;
        await stack.refresh(connectAccount(emulator.url)).catch((error: unknown) => {
          if (!(error instanceof DashScopeError)) throw error;
        });
        assertNothingIsLost(stack.state, told);
      }
      emulator.setFaults([]);
      const last = story.at(-1)?.threads ?? {};
      expect((await up(last)) && (await up(last))).toBeUndefined();
    }),
    { numRuns: 60 },
  );
});
