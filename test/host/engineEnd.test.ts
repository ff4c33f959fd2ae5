import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { readJournal } from "../../provider/src/journal/read";
import { Host, provider } from "../../scripts/host/dynamicHost";
import { apiKey, Fixture } from "../../scripts/host/fixture";

// A host takes a second to start, and longer on a busy machine.
jest.setTimeout(60_000);

const fixture = new Fixture();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await fixture.startEmulator();
});

beforeEach(() => {
  emulator.setFaults([]);
  emulator.clearRequests();
});

afterAll(() => fixture.close());

describe("when the engine ends", () => {
  test("an idle host ends", async () => {
    const host = await startReadyHost();
    await host.endEngine();
    expect(await host.ended).toBe(0);
  });

  test("a host journals the answer of a create that is under way, and then ends", async () => {
    emulator.setFaults([{ kind: "delay", ms: 1_000, verb: "create" }]);
    const host = await startReadyHost();
    void host.create({ __provider: provider }).catch(() => {});
    await waitForRequests(1);
    await host.endEngine();
    expect(await host.ended).toBe(0);
    const { creates } = readJournal(host.journal);
    expect(creates).toMatchObject([{ end: "created", id: emulator.threads().at(-1)?.id }]);
  });

  test("a host sends none of the creates that wait", async () => {
    emulator.setFaults([{ kind: "delay", ms: 500, verb: "create" }]);
    const host = await startReadyHost({ "dashscope:maxConcurrency": "2" });
    for (let count = 0; count < 10; count++) void host.create({ __provider: provider }).catch(() => {});
    await waitForRequests(2);
    await host.endEngine();
    expect(await host.ended).toBe(0);
    expect(emulator.requests()).toHaveLength(2);
  });
});

test("a host that can't reach the engine sends no create and ends", async () => {
  const engine = await fixture.startEngine();
  await engine.close();
  const host = fixture.add(
    await Host.start({
      engine,
      env: { DASHSCOPE_API_KEY: apiKey, TMPDIR: "" },
      config: { "dashscope:baseUrl": emulator.url },
    }),
  );
  await expect(host.create({ __provider: provider })).rejects.toThrow();
  expect(await host.ended).toBe(0);
  expect(emulator.requests()).toEqual([]);
});

test("a host that gets SIGINT journals the answer of a create that is under way", async () => {
  emulator.setFaults([{ kind: "delay", ms: 1_000, verb: "create" }]);
  const host = await startReadyHost();
  void host.create({ __provider: provider }).catch(() => {});
  await waitForRequests(1);
  host.signal("SIGINT");
  await host.ended;
  expect(readJournal(host.journal).creates).toMatchObject([
    { end: "created", id: emulator.threads().at(-1)?.id },
  ]);
});

/** Starts a host whose hooks are configured: the host does that with the first call. */
async function startReadyHost(config: Record<string, string> = {}): Promise<Host> {
  const host = await fixture.startHostOn(emulator, { config });
  await host.check({ __provider: provider });
  return host;
}

async function waitForRequests(count: number): Promise<void> {
  while (emulator.requests().length < count) await sleep(5);
}
