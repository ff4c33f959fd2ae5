import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, jest, test } from "@jest/globals";
import type { Fault } from "dashscope-emulator";
import fc from "fast-check";
import { readJournal } from "../../provider/src/journal/read";
import { type Host, provider } from "../../scripts/host/dynamicHost";
import { Fixture } from "../../scripts/host/fixture";

// Each run starts a host, which takes a second, and longer on a busy machine.
jest.setTimeout(240_000);

let fixture = new Fixture();

afterEach(() => fixture.close());

const requestTimeout = 1;
const ends = ["nothing", "a kill of the host", "a kill of the engine", "SIGINT"] as const;

const kinds = fc.constantFrom<Fault>(
  { kind: "dropBefore" },
  { kind: "dropAfter" },
  { kind: "truncate" },
  { kind: "trickle" },
  { kind: "hang" },
  { kind: "hang", work: true },
  { kind: "delay", ms: 300 },
  { kind: "delay", ms: 1_500 },
  { kind: "error", status: 429, code: "Throttling" },
  { kind: "error", status: 500, code: "InternalError", work: true },
  { kind: "error", status: 400, code: "InvalidParameter" },
  { kind: "html", status: 502, work: true },
  { kind: "html", status: 404 },
  { kind: "body", status: 200, body: "{}", work: true },
  { kind: "idleClose", ms: 0 },
);
const faults = fc.array(
  fc.tuple(kinds, fc.integer({ min: 1, max: 3 })).map(([fault, times]): Fault => ({ ...fault, times })),
  { maxLength: 4 },
);
const run = fc.record({
  faults,
  creates: fc.integer({ min: 1, max: 12 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  latency: fc.constantFrom(0, 100),
  end: fc.constantFrom(...ends),
  after: fc.integer({ min: 0, max: 600 }),
});

test("under random faults and kills, each thread is in the state, in a message or in the journal", async () => {
  await fc.assert(
    fc.asyncProperty(run, async ({ faults, creates, concurrency, latency, end, after }) => {
      await fixture.close();
      fixture = new Fixture();
      const emulator = await fixture.startEmulator({ faults, latency });
      const host = await fixture.startHostOn(emulator, {
        config: {
          "dashscope:requestTimeout": String(requestTimeout),
          "dashscope:operationTimeout": "4",
          "dashscope:maxRetries": "1",
          "dashscope:maxConcurrency": String(concurrency),
        },
      });
      await host.check({ __provider: provider });
      const results = Array.from({ length: creates }, () =>
        host.create({ __provider: provider }).then(
          ({ id }) => ({ id, message: "" }),
          ({ message }: Error) => ({ id: undefined, message }),
        ),
      );
      await endEarly(host, end, after);
      const answers = await Promise.all(results);
      // What DashScope has read, it still does.
      await sleep(latency + 100);

      const made = emulator.threads().map(({ id }) => id);
      const journal = readJournal(host.journal).creates;
      const known = new Set([
        ...answers.flatMap(({ id, message }) => [id, ...(message.match(/thread_[\w-]+/g) ?? [])]),
        ...journal.map(({ id }) => id),
      ]);
      const unnamed = made.filter((id) => !known.has(id));
      const uncertain = journal.filter((create) => create.end === "uncertain" && create.id === undefined);
      const unanswered = journal.filter((create) => create.end === "unanswered");
      const admitted = answers.filter(({ message }) => message.includes("DashScope may have created"));

      // No create is repeated after it may have worked.
      expect(made.length).toBeLessThanOrEqual(creates);
      // A state that the engine keeps names only threads that exist.
      expect(answers.flatMap(({ id }) => (id === undefined || made.includes(id) ? [] : [id]))).toEqual([]);
      // Each thread without a known ID is one of an uncertain create. After a kill, that may be one without an answer.
      expect(unnamed.length).toBeLessThanOrEqual(uncertain.length + unanswered.length);
      if (end === "nothing") {
        expect(unanswered).toEqual([]);
        expect(unnamed.length).toBeLessThanOrEqual(admitted.length);
      }
      if (end === "a kill of the engine") expect(unanswered).toEqual([]);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

async function endEarly(host: Host, end: (typeof ends)[number], after: number): Promise<void> {
  if (end === "nothing") return;
  await sleep(after);
  if (end === "a kill of the host") await host.kill();
  else if (end === "a kill of the engine") await host.endEngine();
  else host.signal("SIGINT");
  await host.ended;
}
