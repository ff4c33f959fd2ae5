import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { Fixture } from "../../scripts/host/fixture";
import { type Host, type Properties, provider } from "../../scripts/host/host";

jest.setTimeout(60_000);

const fixture = new Fixture();
let emulator: Emulator;
/** Hosts are killed here, so one is always made ready for the next test. */
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

/** Where a request is when its host is killed. */
const points = [
  ["before DashScope does the work", false],
  ["after DashScope has done the work", true],
] as const;

describe.each(points)("a host that is killed %s", (_, work) => {
  test("of a create leaves what was made, and a create that is tried again makes another", async () => {
    const before = emulator.threads().length;
    await killedDuring(work, (host) => host.create(declared({ metadata: { a: "1" } })));
    // The engine knows of the create that was pending, and says so at the next command; nothing can find the thread.
    expect(emulator.threads().length - before).toBe(work ? 1 : 0);

    const { id } = await (await next).create(declared({ metadata: { a: "1" } }));
    expect(emulator.threads().length - before).toBe(work ? 2 : 1);
    expect(emulator.threads().at(-1)?.id).toBe(id);
  });

  test("of an update leaves the old or the new metadata, and an update that is tried again brings it in line", async () => {
    const { id, properties } = await existing();
    const update = (host: Host) => host.update(id, properties, declared({ metadata: { a: "2" } }));
    await killedDuring(work, update);
    expect(metadataOf(id)).toEqual({ a: work ? "2" : "1" });

    // The state still has the old metadata, whichever it is.
    expect(await update(await next)).toMatchObject({ metadata: { a: "2" } });
    expect(metadataOf(id)).toEqual({ a: "2" });
  });

  test("of an update leaves what a refresh sees", async () => {
    const { id, properties } = await existing();
    await killedDuring(work, (host) => host.update(id, properties, declared({ metadata: { a: "2" } })));
    const live = await (await next).read(id, { properties });
    expect(live.properties["metadata"]).toEqual({ a: work ? "2" : "1" });
    expect((await (await next).diff(id, live.properties, declared({ metadata: { a: "2" } }))).changes).toBe(
      work ? "none" : "unknown",
    );
  });

  test("of a delete leaves the thread or none, and a delete that is tried again succeeds", async () => {
    const { id, properties } = await existing();
    await killedDuring(work, (host) => host.delete(id, properties));
    expect(ids().includes(id)).toBe(!work);

    await (await next).delete(id, properties);
    expect(ids()).not.toContain(id);
  });

  test("of a delete leaves what a refresh sees", async () => {
    const { id, properties } = await existing();
    await killedDuring(work, (host) => host.delete(id, properties));
    expect((await (await next).read(id, { properties })).id).toBe(work ? "" : id);
  });
});

/** Kills a host while its request is with DashScope. */
async function killedDuring(work: boolean, hook: (host: Host) => Promise<unknown>): Promise<void> {
  const host = await next;
  next = fixture.startHostOn(emulator);
  emulator.setFaults([{ kind: "hang", work }]);
  emulator.clearRequests();
  const call = hook(host).then(
    () => "it has answered",
    () => "it has not answered",
  );
  while (emulator.requests().length === 0) await sleep(5);
  // The work is done within the same moment as the request is read.
  await sleep(100);
  await host.kill();
  expect(await call).toBe("it has not answered");
  emulator.setFaults([]);
}

async function existing(): Promise<{ id: string; properties: Properties }> {
  return (await next).create(declared({ metadata: { a: "1" } }));
}

function declared(args: Properties): Properties {
  return { ...args, baseUrl: emulator.url, __provider: provider };
}

function ids(): string[] {
  return emulator.threads().map(({ id }) => id);
}

function metadataOf(id: string): unknown {
  return emulator.threads().find((thread) => thread.id === id)?.metadata;
}
