import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { type Host, type Properties, provider } from "../../scripts/host/dynamicHost";
import { Fixture } from "../../scripts/host/fixture";

jest.setTimeout(60_000);

const fixture = new Fixture();
let emulator: Emulator;
/** The host of the next test. Each test kills its own. */
let next: Promise<Host>;

beforeAll(async () => {
  emulator = await fixture.startEmulator();
  next = fixture.startHostOn(emulator);
});

beforeEach(() => emulator.setFaults([]));

afterAll(async () => {
  await next;
  await fixture.close();
});

/** The states of the work when the host is killed. */
const points = [
  ["before DashScope does the work", false],
  ["after DashScope has done the work", true],
] as const;

describe.each(points)("a host that is killed %s", (point, work) => {
  test(`a kill ${point} of a create leaves at most one thread, and the next create makes another`, async () => {
    const before = listIds().length;
    await killDuring(work, (host) => host.create(declare({ metadata: { a: "1" } })));
    // The engine has recorded the create as pending, and says so at the next command. Nothing can find the thread.
    expect(listIds().length - before).toBe(work ? 1 : 0);

    const { id } = await (await next).create(declare({ metadata: { a: "1" } }));
    expect(listIds().length - before).toBe(work ? 2 : 1);
    expect(listIds().at(-1)).toBe(id);
  });

  test(`a kill ${point} of an update leaves what a refresh reads, and the next update finishes it`, async () => {
    const { id, properties } = await createThread();
    const news = declare({ metadata: { a: "2" } });
    await killDuring(work, (host) => host.update(id, properties, news));
    const live = await (await next).read(id, { properties });
    expect(live.properties["metadata"]).toEqual({ a: work ? "2" : "1" });
    const { changes } = await (await next).diff(id, live.properties, news);
    expect(changes).toBe(work ? "none" : "unknown");

    // Without a refresh, the state still has the old metadata.
    expect(await (await next).update(id, properties, news)).toMatchObject({ metadata: { a: "2" } });
    expect(emulator.threads().find((thread) => thread.id === id)?.metadata).toEqual({ a: "2" });
  });

  test(`a kill ${point} of a delete leaves what a refresh reads, and the next delete succeeds`, async () => {
    const { id, properties } = await createThread();
    await killDuring(work, (host) => host.delete(id, properties));
    expect((await (await next).read(id, { properties })).id).toBe(work ? "" : id);
    await (await next).delete(id, properties);
    expect(listIds()).not.toContain(id);
  });
});

/** Kills a host while DashScope has its request. */
async function killDuring(work: boolean, hook: (host: Host) => Promise<unknown>): Promise<void> {
  const host = await next;
  next = fixture.startHostOn(emulator);
  emulator.setFaults([{ kind: "hang", work }]);
  emulator.clearRequests();
  const call = hook(host).then(
    () => "answered",
    () => "not answered",
  );
  while (emulator.requests().length === 0) await sleep(5);
  // The emulator does the work a moment after it has read the request.
  await sleep(100);
  await host.kill();
  expect(await call).toBe("not answered");
  emulator.setFaults([]);
}

async function createThread(): Promise<{ id: string; properties: Properties }> {
  return (await next).create(declare({ metadata: { a: "1" } }));
}

function declare(args: Properties): Properties {
  return { ...args, baseUrl: emulator.url, __provider: provider };
}

function listIds(): string[] {
  return emulator.threads().map(({ id }) => id);
}
