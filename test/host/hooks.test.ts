import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { HookFailed, type Host, type Properties, provider } from "../../scripts/host/dynamicHost";
import { apiKey, Fixture } from "../../scripts/host/fixture";

// A host takes a second to start, and longer on a busy machine.
jest.setTimeout(60_000);

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const missing = "thread_00000000-0000-4000-8000-000000000000";
const fixture = new Fixture();
let emulator: Emulator;
let host: Host;

beforeAll(async () => {
  emulator = await fixture.startEmulator();
  host = await fixture.startHostOn(emulator);
});

beforeEach(() => {
  emulator.clearRequests();
  emulator.setFaults([]);
});

afterAll(() => fixture.close());

describe("check", () => {
  test("`check` adds the endpoint and keeps the string that loads the hooks", async () => {
    expect(await host.check(declare({ metadata: { a: "1" } }))).toEqual({
      inputs: { metadata: { a: "1" }, baseUrl: emulator.url, __provider: provider },
      failures: [],
    });
  });

  test("`check` accepts unknown values at any depth", async () => {
    const given = declare({
      messages: [{ role: unknown, content: unknown, fileIds: [unknown], metadata: { a: unknown } }, unknown],
      metadata: unknown,
      workspace: unknown,
    });
    const { inputs, failures } = await host.check(given);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject(given);
  });

  test("`check` describes each wrong argument in one sentence without its value and its property", async () => {
    const { failures } = await host.check(
      declare({ messages: [{ role: "secret-value", content: 4711 }], metadata: { a: ["secret-value"] } }),
    );
    expect(failures.sort()).toEqual([
      expect.stringMatching(/^`messages\[0\]\.content` must be .* \[DASHSCOPE_ERR_CONFIGURATION\]$/),
      expect.stringMatching(/^`messages\[0\]\.role` must be .* \[DASHSCOPE_ERR_CONFIGURATION\]$/),
      expect.stringMatching(/^`metadata\.a` must be .* \[DASHSCOPE_ERR_CONFIGURATION\]$/),
    ]);
    expect(failures.join()).not.toMatch(/secret-value|4711/);
  });

  test("`check` and `diff` send nothing", async () => {
    const { inputs } = await host.check(declare({ metadata: { a: "1" } }));
    await host.diff(missing, inputs, inputs);
    expect(emulator.requests()).toEqual([]);
  });
});

test("`diff` reports no change, or lets the engine compare the inputs, with the properties that replace", async () => {
  const news = declare({ messages: [{ role: "user", content: "Hello" }], metadata: { a: "1", b: "2" } });
  const { inputs, id, properties } = await create(news);
  const diff = async (changes: Properties) =>
    host.diff(id, properties, (await host.check({ ...news, ...changes }, inputs)).inputs);
  expect(await diff({ metadata: { b: "2", a: "1" } })).toEqual({ changes: "none", replaces: [] });
  expect(await diff({ metadata: { a: "1" } })).toEqual({ changes: "unknown", replaces: [] });
  expect(await diff({ metadata: unknown })).toEqual({ changes: "unknown", replaces: [] });
  expect(await diff({ messages: unknown })).toEqual({ changes: "unknown", replaces: ["messages"] });
});

test("a thread goes through create, read, update and delete with its whole state", async () => {
  const messages = [
    { role: "user", content: "Hello", fileIds: ["file-1"], metadata: { m: "1" } },
    { role: "assistant", content: "Hi" },
  ];
  const { id, inputs, properties } = await create(
    declare({ messages, metadata: { a: "1" }, workspace: "llm-1" }),
  );
  expect(properties).toEqual({
    __provider: provider,
    __keys: [expect.stringMatching(/^[\da-f]{10}$/)],
    __instance: expect.any(String),
    baseUrl: emulator.url,
    workspace: "llm-1",
    messages,
    metadata: { a: "1" },
    createdAt: expect.any(Number),
    requestId: emulator.requests()[0]?.requestId,
  });
  expect(await host.read(id, { properties })).toEqual({ id, properties, inputs });

  const updated = await host.update(id, properties, { ...inputs, metadata: { a: "2" } });
  expect(updated).toEqual({
    ...properties,
    metadata: { a: "2" },
    requestId: emulator.requests().at(-1)?.requestId,
  });
  const live = await host.read(id, { properties });
  expect(live.inputs).toEqual({ ...inputs, metadata: { a: "2" } });

  await host.delete(id, properties);
  await host.delete(id, properties);
  expect(emulator.threads().map((thread) => thread.id)).not.toContain(id);
  expect(await host.read(id, { properties })).toMatchObject({ id: "" });
});

describe("`Thread.get`", () => {
  test("`Thread.get` reads the thread and what it declares", async () => {
    const existing = await create(declare({ metadata: { a: "1" }, workspace: "llm-1" }));
    expect(await host.read(existing.id, { inputs: declare({ workspace: "llm-1" }) })).toMatchObject({
      id: existing.id,
      properties: { metadata: { a: "1" }, workspace: "llm-1", baseUrl: emulator.url, __provider: provider },
    });
  });

  test("`Thread.get` of a missing thread fails, because the engine ignores a blank ID there", async () => {
    const error = await catchFailure(host.read(missing, { inputs: declare({}) }));
    expect(error.message).toMatch(/\[DASHSCOPE_ERR_MISSING\]$/);
  });

  test.each(["", "..", "thread_1/../.."])("`Thread.get` of the invalid ID %j sends nothing", async (id) => {
    const error = await catchFailure(host.read(id, { inputs: declare({}) }));
    expect(error.message).toMatch(/\[DASHSCOPE_ERR_CONFIGURATION\]$/);
    expect(emulator.requests()).toEqual([]);
  });
});

describe("a partial failure", () => {
  test("a partial failure of a create passes the ID, the state, the string that loads the hooks and the reason", async () => {
    const odd = await fixture.startEmulator();
    odd.setFaults([
      {
        kind: "body",
        status: 200,
        verb: "create",
        work: true,
        body: '{"id":"thread_odd","metadata":{"b":"2"}}',
      },
    ]);
    const { inputs } = await host.check(declare({ metadata: { a: "1" } }));
    const error = await catchFailure(host.create({ ...inputs, baseUrl: odd.url }));
    expect(error.message).toMatch(/\[DASHSCOPE_ERR_INCOMPLETE\]$/);
    expect(error.partial).toEqual({
      id: "thread_odd",
      properties: expect.objectContaining({
        baseUrl: odd.url,
        metadata: { b: "2" },
        __instance: expect.any(String),
        __provider: provider,
      }),
      reasons: [error.message],
    });
  });

  test("the next hooks work with the state of a partial failure of an update", async () => {
    const odd = await fixture.startEmulator({ metadataUpdate: "merge" });
    const oddHost = await fixture.startHostOn(odd);
    const { inputs } = await oddHost.check(declare({ metadata: { a: "1", b: "2" } }));
    const { id, properties } = await oddHost.create(inputs);
    const error = await catchFailure(oddHost.update(id, properties, { ...inputs, metadata: { a: "3" } }));
    expect(error.message).toContain("kept the metadata keys `b`");

    const state = error.partial?.properties ?? {};
    expect(state).toMatchObject({ __instance: properties["__instance"], metadata: { a: "3", b: "2" } });
    const { inputs: news } = await oddHost.check(declare({ metadata: { a: "3", b: "2" } }), inputs);
    expect(await oddHost.diff(id, state, news)).toEqual({ changes: "none", replaces: [] });
    expect(await oddHost.read(id, { properties: state })).toMatchObject({ id });
    await oddHost.delete(id, state);
    expect(odd.threads()).toEqual([]);
  });
});

test("a host doesn't delete a thread that another host of the same update adopted", async () => {
  const engine = await fixture.startEngine();
  const [first, second] = await Promise.all([
    fixture.startHostOn(emulator, { engine }),
    fixture.startHostOn(emulator, { engine }),
  ]);
  const { inputs } = await first.check(declare({}));
  const { id, properties } = await first.create(inputs);
  await second.create((await second.check(declare({ adoptId: id }))).inputs);
  await first.delete(id, properties);
  expect(emulator.threads().map((thread) => thread.id)).toContain(id);

  const next = await fixture.startHostOn(emulator);
  await next.delete(id, properties);
  expect(emulator.threads().map((thread) => thread.id)).not.toContain(id);
});

test("a key of another account neither drops nor deletes a thread", async () => {
  const shared = await fixture.startEmulator({ apiKeys: [`${apiKey}=ours`, "sk-foreign=theirs"] });
  const owner = await fixture.startHostOn(shared);
  const foreign = await fixture.startHostOn(shared, { env: { DASHSCOPE_API_KEY: "sk-foreign" } });
  const { inputs } = await owner.check(declare({ metadata: { a: "1" } }));
  const { id, properties } = await owner.create(inputs);
  const calls = [
    foreign.read(id, { properties }),
    foreign.update(id, properties, { ...inputs, metadata: { a: "2" } }),
    foreign.delete(id, properties),
  ];
  for (const call of calls) {
    expect((await catchFailure(call)).message).toMatch(/\[DASHSCOPE_ERR_ACCOUNT\]$/);
  }
  expect(shared.threads()).toMatchObject([{ id, metadata: { a: "1" } }]);
});

function declare(args: Properties): Properties {
  return { ...args, __provider: provider };
}

/** Creates a thread through `check`, as the engine does. */
async function create(news: Properties) {
  const { inputs, failures } = await host.check(news);
  expect(failures).toEqual([]);
  return { inputs, ...(await host.create(inputs)) };
}

async function catchFailure(call: Promise<unknown>): Promise<HookFailed> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HookFailed) return error;
  throw new Error(`The call didn't fail as a hook: ${error}`);
}
