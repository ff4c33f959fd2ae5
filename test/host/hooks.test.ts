import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { HookFailed, type Host, type Properties, provider } from "./host";
import { Opened } from "./opened";

// A host takes a second to start, and several on a busy machine.
jest.setTimeout(60_000);

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const missing = "thread_00000000-0000-4000-8000-000000000000";
const opened = new Opened();
let emulator: Emulator;
let elsewhere: Emulator;
let host: Host;

beforeAll(async () => {
  [emulator, elsewhere] = await Promise.all([opened.emulator(), opened.emulator()]);
  host = await opened.hostOn(emulator);
});

beforeEach(() => {
  emulator.clearRequests();
  emulator.setFaults([]);
});

afterAll(() => opened.close());

describe("check", () => {
  test("records where the thread is to live", async () => {
    expect(await host.check(declared({ metadata: { a: "1" } }))).toEqual({
      inputs: { metadata: { a: "1" }, baseUrl: emulator.url, __provider: provider },
      failures: [],
    });
  });

  test("makes metadata that is declared no longer an empty map", async () => {
    const { inputs } = await host.check(declared({}), declared({ metadata: { a: "1" } }));
    expect(inputs["metadata"]).toEqual({});
  });

  test("lets pass what is not known yet, at any depth", async () => {
    const given = declared({
      messages: [{ role: unknown, content: unknown, fileIds: [unknown], metadata: { a: unknown } }, unknown],
      metadata: unknown,
      workspace: unknown,
    });
    const { inputs, failures } = await host.check(given);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject(given);
  });

  test("says one sentence for each wrong argument, without its value", async () => {
    const given = declared({
      messages: [{ role: "geheim", content: 4711 }],
      metadata: { pin: 4711, a: ["geheim"] },
      x: "geheim",
    });
    const { failures } = await host.check(given);
    expect(failures.sort()).toEqual([
      "messages[0].content must be a string, but is a number.",
      'messages[0].role must be "user" or "assistant", but is another string.',
      "metadata.a must be a string, but is a list.",
      "metadata.pin must be a string, but is a number.",
      "x is not an argument of a Thread, which has messages, metadata, workspace and adoptId.",
    ]);
  });

  test("and diff send nothing", async () => {
    const { inputs } = await host.check(declared({ metadata: { a: "1" } }));
    await host.diff(missing, inputs, inputs);
    expect(emulator.requests()).toEqual([]);
  });
});

describe("diff", () => {
  test("sees no change in what create recorded, and what differs afterwards", async () => {
    const news = declared({ messages: [{ role: "user", content: "Hello" }], metadata: { a: "1", b: "2" } });
    const { inputs, id, properties } = await created(news);
    const diff = async (changes: Properties, dropped?: string) => {
      const { [dropped ?? ""]: _, ...rest } = { ...news, ...changes };
      return host.diff(id, properties, (await host.check(rest, inputs)).inputs);
    };
    expect(await diff({})).toEqual({ changes: "none", replaces: [] });
    expect(await diff({ metadata: { b: "2", a: "1" } })).toEqual({ changes: "none", replaces: [] });
    expect(await diff({ metadata: { a: "1" } })).toEqual({ changes: "unknown", replaces: [] });
    expect(await diff({}, "metadata")).toEqual({ changes: "unknown", replaces: [] });
    expect(await diff({ messages: [{ role: "user", content: "Bye" }] })).toEqual({
      changes: "unknown",
      replaces: ["messages"],
    });
    expect(await diff({ workspace: "llm-1" })).toEqual({ changes: "unknown", replaces: ["workspace"] });
    expect(await diff({ adoptId: missing }, "messages")).toEqual({
      changes: "unknown",
      replaces: ["messages", "adoptId"],
    });
    expect(await diff({ metadata: unknown })).toEqual({ changes: "unknown", replaces: [] });
    expect(await diff({ messages: unknown })).toEqual({ changes: "unknown", replaces: ["messages"] });
  });

  test("replaces a thread when the configuration names another endpoint", async () => {
    const news = declared({ metadata: { a: "1" } });
    const { id, properties } = await created(news);
    const moved = await opened.hostOn(elsewhere);
    expect(await moved.diff(id, properties, (await moved.check(news)).inputs)).toEqual({
      changes: "unknown",
      replaces: ["baseUrl"],
    });
  });
});

describe("create", () => {
  test("makes one thread with its messages, and brings everything that later hooks need", async () => {
    const messages = [
      { role: "user", content: "Hello", fileIds: ["file-1"], metadata: { m: "1" } },
      { role: "assistant", content: "Hi" },
    ];
    const { id, properties } = await created(
      declared({ messages, metadata: { a: "1" }, workspace: "llm-1" }),
    );
    const [request, ...more] = emulator.requests();
    expect(more).toEqual([]);
    expect(request).toMatchObject({
      verb: "create",
      workspace: "llm-1",
      body: {
        messages: [
          { role: "user", content: "Hello", file_ids: ["file-1"], metadata: { m: "1" } },
          { role: "assistant", content: "Hi" },
        ],
        metadata: { a: "1" },
      },
    });
    expect(properties).toEqual({
      __provider: provider,
      baseUrl: emulator.url,
      workspace: "llm-1",
      messages,
      metadata: { a: "1" },
      createdAt: expect.any(Number),
      requestId: request?.requestId,
    });
    expect(emulator.threads().map((thread) => thread.id)).toContain(id);
  });

  test("sends an empty body for a thread of which nothing is declared", async () => {
    const { properties } = await created(declared({}));
    expect(emulator.requests()[0]?.body).toEqual({});
    expect(properties).toMatchObject({ metadata: {}, __metadataUndeclared: true });
  });

  test("with adoptId takes over a thread, and brings declared metadata in line", async () => {
    const existing = await created(
      declared({ messages: [{ role: "user", content: "Hello" }], metadata: { a: "1" } }),
    );
    const { id, properties } = await created(declared({ adoptId: existing.id, metadata: { b: "2" } }));
    expect(id).toBe(existing.id);
    expect(properties).toMatchObject({ metadata: { b: "2" }, createdAt: existing.properties["createdAt"] });
    expect(emulator.requests().map(({ verb }) => verb)).toEqual(["create", "retrieve", "update"]);
  });

  test("with adoptId of no thread is an error, and makes none", async () => {
    const before = emulator.threads().length;
    const error = await failure(created(declared({ adoptId: missing })));
    expect(error.message).toMatch(new RegExp(`^adoptId names ${missing}, which does not exist at http`));
    expect(emulator.threads()).toHaveLength(before);
  });
});

test("a thread whose adoption failed is still deleted by whoever manages it", async () => {
  const { id, properties } = await created(declared({ metadata: { a: "1" } }));
  emulator.setFaults([{ kind: "error", status: 403, code: "AccessDenied", verb: "retrieve", times: 1 }]);
  await failure(created(declared({ adoptId: id })));
  await host.delete(id, properties);
  expect(emulator.threads().map((thread) => thread.id)).not.toContain(id);
});

describe("read", () => {
  test("brings the live metadata, as outputs and as inputs of the next diff", async () => {
    const news = declared({ messages: [{ role: "user", content: "Hello" }], metadata: { a: "1" } });
    const { id, properties, inputs } = await created(news);
    expect(await host.read(id, { properties })).toEqual({ id, properties, inputs });

    await host.update(id, properties, { ...inputs, metadata: { drift: "yes" } });
    const live = await host.read(id, { properties });
    expect(live.properties).toEqual({ ...properties, metadata: { drift: "yes" } });
    expect(live.inputs).toEqual({ ...inputs, metadata: { drift: "yes" } });
    expect(await host.diff(id, live.properties, (await host.check(news, live.inputs)).inputs)).toEqual({
      changes: "unknown",
      replaces: [],
    });
  });

  test("does not take for declared what is not", async () => {
    const { id, properties } = await created(declared({}));
    await host.update(id, properties, { ...properties, metadata: { drift: "yes" } });
    const live = await host.read(id, { properties });
    expect(live.properties["metadata"]).toEqual({ drift: "yes" });
    expect(live.inputs).toEqual({ baseUrl: emulator.url, __provider: provider });
    expect(
      await host.diff(id, live.properties, (await host.check(declared({}), live.inputs)).inputs),
    ).toEqual({
      changes: "none",
      replaces: [],
    });
  });

  test("brings a blank id when DashScope says that a recorded thread is gone", async () => {
    const { id, properties } = await created(declared({ metadata: {} }));
    await host.delete(id, properties);
    expect(await host.read(id, { properties })).toMatchObject({ id: "" });
  });

  test("goes to where the thread lives, whatever is configured", async () => {
    const { id, properties } = await created(declared({ workspace: "llm-1", metadata: { a: "1" } }));
    const moved = await opened.hostOn(elsewhere, { config: { "dashscope:workspace": "llm-2" } });
    expect(await moved.read(id, { properties })).toMatchObject({ id, properties });
    expect(emulator.requests().at(-1)).toMatchObject({ verb: "retrieve", workspace: "llm-1" });
    await moved.update(id, properties, { ...properties, metadata: { a: "2" } });
    await moved.delete(id, properties);
    expect(
      emulator
        .requests()
        .slice(-2)
        .map(({ verb, workspace }) => [verb, workspace]),
    ).toEqual([
      ["update", "llm-1"],
      ["delete", "llm-1"],
    ]);
    expect(elsewhere.requests()).toEqual([]);
  });

  test("at a .get brings the thread and what it declares", async () => {
    const existing = await created(declared({ metadata: { a: "1" }, workspace: "llm-1" }));
    const got = await host.read(existing.id, { inputs: declared({ workspace: "llm-1" }) });
    expect(got).toMatchObject({
      id: existing.id,
      properties: { metadata: { a: "1" }, workspace: "llm-1", baseUrl: emulator.url, __provider: provider },
    });
  });

  test("at a .get of no thread is an error, because the engine does not notice a blank id there", async () => {
    const error = await failure(host.read(missing, { inputs: declared({}) }));
    expect(error.message).toBe(
      `There is no thread ${missing} at ${emulator.url}: check the id, the region and the workspace. [DASHSCOPE_ERR_MISSING]`,
    );
  });

  test.each(["", "..", "thread_1/../..", "thread 1"])(
    "at a .get of %j, which is no id, says so",
    async (id) => {
      const error = await failure(host.read(id, { inputs: declared({}) }));
      expect(error.message).toMatch(/^The id of a thread must be one such as thread_1a2b/);
      expect(emulator.requests()).toEqual([]);
    },
  );
});

describe("update", () => {
  test("sends the whole map and brings the whole state", async () => {
    const { id, properties, inputs } = await created(
      declared({ messages: [{ role: "user", content: "Hello" }], metadata: { a: "1", b: "2" } }),
    );
    const outs = await host.update(id, properties, { ...inputs, metadata: { a: "3" } });
    expect(outs).toEqual({
      ...properties,
      metadata: { a: "3" },
      requestId: emulator.requests().at(-1)?.requestId,
    });
    expect(emulator.requests().at(-1)).toMatchObject({ verb: "update", body: { metadata: { a: "3" } } });
    expect(emulator.threads().find((thread) => thread.id === id)).toMatchObject({ metadata: { a: "3" } });
  });

  test("of a thread that is gone says what to do", async () => {
    const { id, properties } = await created(declared({ metadata: { a: "1" } }));
    await host.delete(id, properties);
    const error = await failure(host.update(id, properties, { ...properties, metadata: {} }));
    expect(error.message).toMatch(
      /^Could not update thread thread_\S+ at \S+: HTTP 400 InvalidParameter "The specified thread has been deleted or does not exist\." \(request id \S+\)\. The thread no longer exists there: run `pulumi refresh`/,
    );
    expect(error.partial).toBeUndefined();
  });
});

describe("delete", () => {
  test("removes the thread, and succeeds when there is none", async () => {
    const { id, properties } = await created(declared({}));
    await host.delete(id, properties);
    expect(emulator.threads().map((thread) => thread.id)).not.toContain(id);
    await host.delete(id, properties);
  });
});

describe("a failure that leaves a thread behind", () => {
  test("of create carries its id, what is recorded, the text that loads the hooks, and the reason", async () => {
    const odd = await opened.emulator({ metadataUpdate: "merge", emptyMetadata: "absent" });
    odd.setFaults([
      {
        kind: "body",
        status: 200,
        verb: "create",
        work: true,
        body: '{"id":"thread_odd","metadata":{"b":"2"}}',
      },
    ]);
    const { inputs } = await host.check(declared({ metadata: { a: "1" } }));
    const error = await failure(host.create({ ...inputs, baseUrl: odd.url }));
    expect(error.message).toMatch(
      /^Thread thread_odd exists and is recorded, but DashScope did not confirm its metadata, and it could not be read back\./,
    );
    expect(error.partial).toEqual({
      id: "thread_odd",
      properties: {
        baseUrl: odd.url,
        metadata: { b: "2" },
        requestId: expect.any(String),
        __provider: provider,
      },
      reasons: [error.message],
    });
  });

  test("of update does, too, and the next update and delete work with what it carries", async () => {
    const odd = await opened.emulator({ metadataUpdate: "merge" });
    const { inputs } = await host.check(declared({ metadata: { a: "1", b: "2" } }));
    const { id, properties } = await host.create({ ...inputs, baseUrl: odd.url });
    const error = await failure(
      host.update(id, properties, { ...inputs, baseUrl: odd.url, metadata: { a: "3" } }),
    );
    expect(error.message).toContain("still has the metadata b, which should be gone");
    expect(error.partial).toMatchObject({
      id,
      properties: { ...properties, metadata: { a: "3", b: "2" }, requestId: expect.any(String) },
    });

    const kept = error.partial?.properties ?? {};
    const { inputs: news } = await host.check(declared({ metadata: { a: "3", b: "2" } }));
    expect(await host.diff(id, kept, { ...news, baseUrl: odd.url })).toEqual({
      changes: "none",
      replaces: [],
    });
    expect(await host.read(id, { properties: kept })).toMatchObject({ id });
    await host.delete(id, kept);
    expect(odd.threads()).toEqual([]);
  });
});

function declared(args: Properties): Properties {
  return { ...args, __provider: provider };
}

/** Through check, as the engine does. */
async function created(news: Properties) {
  const { inputs, failures } = await host.check(news);
  expect(failures).toEqual([]);
  return { inputs, ...(await host.create(inputs)) };
}

async function failure(promise: Promise<unknown>): Promise<HookFailed> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HookFailed) return error;
  throw new Error(`It did not fail as a hook: ${error}`);
}
