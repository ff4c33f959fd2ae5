import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ConfigurationError } from "../../../../provider/src/dashscope/errors";
import type { NewThread, RemoteThread } from "../../../../provider/src/dashscope/threads";
import type { ThreadInputs, ThreadState } from "../../../../provider/src/thread/contract";
import { AdoptionError, IncompleteThreadError } from "../../../../provider/src/thread/errors";
import {
  check,
  create,
  diff,
  inputsOf,
  placeOf,
  read,
  remove,
  type ThreadApi,
  update,
} from "../../../../provider/src/thread/lifecycle";

const place = { baseUrl: "https://dashscope.aliyuncs.com/api/v1", workspace: "llm-1" };
const elsewhere = { baseUrl: "https://dashscope-intl.aliyuncs.com/api/v1", workspace: "llm-2" };
const message = { role: "user" as const, content: "Hello" };
type Metadata = Readonly<Record<string, string>>;

/** A DashScope in memory, which may take metadata in its own way and leave it out of its answers. */
class Remote implements ThreadApi {
  readonly threads = new Map<string, RemoteThread>();
  readonly calls: { name: string; place: unknown; sent?: unknown }[] = [];
  take: (current: Metadata, given: Metadata) => Metadata = (_, given) => given;
  echo: (metadata: Metadata) => Metadata = (metadata) => metadata;
  readable = true;

  async create(at: unknown, sent: NewThread): Promise<RemoteThread> {
    this.calls.push({ name: "create", place: at, sent });
    const id = `thread_${this.threads.size + 1}`;
    const metadata = this.take({}, sent.metadata ?? {});
    this.threads.set(id, { id, createdAt: 1000, metadata });
    return { id, createdAt: 1000, metadata: this.echo(metadata), requestId: "request-of-create" };
  }

  async retrieve(at: unknown, id: string): Promise<RemoteThread | undefined> {
    this.calls.push({ name: "retrieve", place: at });
    if (!this.readable) throw new ConfigurationError("It cannot be read.");
    const thread = this.threads.get(id);
    return thread && { ...thread, requestId: "request-of-retrieve" };
  }

  async update(at: unknown, id: string, sent: Metadata): Promise<RemoteThread> {
    this.calls.push({ name: "update", place: at, sent });
    const thread = this.threads.get(id);
    if (thread === undefined) throw new Error("It is gone.");
    const metadata = this.take(thread.metadata, sent);
    this.threads.set(id, { ...thread, metadata });
    return { id, metadata: this.echo(metadata), requestId: "request-of-update" };
  }

  async delete(at: unknown, id: string): Promise<void> {
    this.calls.push({ name: "delete", place: at });
    this.threads.delete(id);
  }

  get names(): string[] {
    return this.calls.map(({ name }) => name);
  }
}

describe("check", () => {
  test("puts a thread where it is to live", () => {
    expect(check({}, { metadata: { a: "b" } }, place)).toEqual({ metadata: { a: "b" }, ...place });
    expect(check({}, {}, { baseUrl: place.baseUrl })).toEqual({ baseUrl: place.baseUrl });
  });

  test("clears metadata that was declared and is declared no longer", () => {
    expect(check({ metadata: { a: "b" } }, {}, place)).toEqual({ metadata: {}, ...place });
    expect(check({ metadata: {} }, {}, place)).toEqual({ metadata: {}, ...place });
  });

  test("leaves alone metadata that was never declared", () => {
    expect(check({}, {}, place)).not.toHaveProperty("metadata");
  });
});

describe("diff", () => {
  const state: ThreadState = { ...place, metadata: { a: "1", b: "2" }, messages: [message], createdAt: 1 };
  const inputs: ThreadInputs = { ...place, metadata: { b: "2", a: "1" }, messages: [message] };

  test("sees no change in what is as declared, in whatever order", () => {
    expect(diff("thread_1", state, inputs)).toEqual({ changed: false, replaces: [] });
  });

  test.each<[string, Partial<ThreadInputs>, string[]]>([
    ["metadata", { metadata: { a: "1" } }, []],
    ["metadata that is cleared", { metadata: {} }, []],
    ["messages", { messages: [{ ...message, content: "Bye" }] }, ["messages"]],
    ["the order of messages", { messages: [{ ...message, role: "assistant" }, message] }, ["messages"]],
    ["all messages gone", { messages: [] }, ["messages"]],
    ["the workspace", { workspace: "llm-2" }, ["workspace"]],
    ["the endpoint", { baseUrl: elsewhere.baseUrl }, ["baseUrl"]],
    ["another thread to adopt", { adoptId: "thread_2" }, ["adoptId"]],
    ["everything", { ...elsewhere, messages: [], metadata: {} }, ["messages", "workspace", "baseUrl"]],
  ])("sees a change of %s", (_, changes, replaces) => {
    expect(diff("thread_1", state, { ...inputs, ...changes })).toEqual({ changed: true, replaces });
  });

  test("sees no change in an adoption that has happened, or is declared no longer", () => {
    expect(diff("thread_1", state, { ...inputs, adoptId: "thread_1" }).changed).toBe(false);
    expect(diff("thread_1", state, inputs).changed).toBe(false);
  });

  test("does not mind the difference between no messages and an empty list", () => {
    expect(diff("thread_1", { ...place }, { ...place, messages: [] }).changed).toBe(false);
    expect(diff("thread_1", { ...place, messages: [] }, { ...place }).changed).toBe(false);
  });

  test("leaves alone metadata that is not declared, and sees it when it is", () => {
    const undeclared: ThreadState = { ...place, metadata: { a: "1" }, __metadataUndeclared: true };
    expect(diff("thread_1", undeclared, { ...place }).changed).toBe(false);
    // Also when it happens to be equal: from now on it is kept in line.
    expect(diff("thread_1", undeclared, { ...place, metadata: { a: "1" } })).toEqual({
      changed: true,
      replaces: [],
    });
  });

  test("does not replace a thread that was recorded before places were", () => {
    expect(diff("thread_1", { metadata: {} }, { ...place, metadata: {} }).changed).toBe(false);
  });
});

describe("create", () => {
  test("creates one thread and records it, with all that later hooks need", async () => {
    const remote = new Remote();
    const inputs = {
      messages: [{ ...message, fileIds: ["f"], metadata: { m: "1" } }],
      metadata: { a: "1" },
      ...place,
    };
    expect(await create(inputs, place, remote)).toEqual({
      id: "thread_1",
      state: {
        ...place,
        messages: inputs.messages,
        metadata: { a: "1" },
        createdAt: 1000,
        requestId: "request-of-create",
      },
    });
    expect(remote.calls).toEqual([
      {
        name: "create",
        place,
        sent: { messages: [{ ...message, file_ids: ["f"], metadata: { m: "1" } }], metadata: { a: "1" } },
      },
    ]);
  });

  test("sends nothing that is not declared", async () => {
    const remote = new Remote();
    await create({ messages: [] }, place, remote);
    expect(remote.calls).toEqual([{ name: "create", place, sent: {} }]);
  });

  test("remembers that no metadata is declared", async () => {
    const { state } = await create({}, place, new Remote());
    expect(state).toMatchObject({ metadata: {}, __metadataUndeclared: true });
  });

  test("looks again when the answer does not show the metadata", async () => {
    const remote = new Remote();
    remote.echo = () => ({});
    const { state } = await create({ metadata: { a: "1" } }, place, remote);
    expect(state.metadata).toEqual({ a: "1" });
    expect(remote.names).toEqual(["create", "retrieve"]);
  });

  test("keeps a thread that is not as declared, and says in which keys", async () => {
    const remote = new Remote();
    remote.take = () => ({ b: "secret" });
    const error = await failure(create({ metadata: { a: "geheim" } }, place, remote));
    expect(error).toMatchObject({
      id: "thread_1",
      state: { ...place, metadata: { b: "secret" }, createdAt: 1000 },
    });
    expect(error.message).toMatch(
      /^Thread thread_1 exists and is recorded, but DashScope still has the metadata b, which should be gone and has not taken the metadata a\. /,
    );
    expect(error.message).not.toMatch(/secret|geheim/);
  });

  test("keeps a thread that cannot be looked at again, and does not say what nobody knows", async () => {
    const remote = new Remote();
    remote.echo = () => ({});
    remote.readable = false;
    const error = await failure(create({ metadata: { a: "1" } }, place, remote));
    expect(error).toMatchObject({ id: "thread_1", state: { metadata: {} } });
    expect(error.message).toMatch(
      /DashScope did not confirm its metadata, and it could not be read back\. Run/,
    );
  });
});

describe("create with adoptId", () => {
  test("takes over the thread that exists, and creates none", async () => {
    const remote = new Remote();
    remote.threads.set("thread_7", { id: "thread_7", createdAt: 7, metadata: { a: "1" } });
    expect(await create({ adoptId: "thread_7" }, place, remote)).toEqual({
      id: "thread_7",
      state: { ...place, metadata: { a: "1" }, createdAt: 7, __metadataUndeclared: true },
    });
    expect(remote.names).toEqual(["retrieve"]);
  });

  test("brings declared metadata in line", async () => {
    const remote = new Remote();
    remote.threads.set("thread_7", { id: "thread_7", createdAt: 7, metadata: { a: "1" } });
    const { state } = await create({ adoptId: "thread_7", metadata: { b: "2" } }, place, remote);
    expect(state).toMatchObject({ metadata: { b: "2" }, createdAt: 7, requestId: "request-of-update" });
    expect(remote.threads.get("thread_7")?.metadata).toEqual({ b: "2" });
  });

  test("writes nothing when declared metadata is in line", async () => {
    const remote = new Remote();
    remote.threads.set("thread_7", { id: "thread_7", metadata: { a: "1" } });
    await create({ adoptId: "thread_7", metadata: { a: "1" } }, place, remote);
    expect(remote.names).toEqual(["retrieve"]);
  });

  test("of a thread that does not exist is an error, and creates none", async () => {
    const remote = new Remote();
    await expect(create({ adoptId: "thread_7" }, place, remote)).rejects.toThrow(AdoptionError);
    await expect(create({ adoptId: "thread_7" }, place, remote)).rejects.toThrow(
      /^adoptId names thread_7, which does not exist at https:.* in workspace llm-1: name an existing thread/,
    );
    expect(remote.threads.size).toBe(0);
  });
});

describe("read", () => {
  test("records what is there now, and keeps what DashScope does not tell", async () => {
    const remote = new Remote();
    remote.threads.set("thread_1", { id: "thread_1", createdAt: 1000, metadata: { drift: "yes" } });
    const state: ThreadState = {
      ...place,
      messages: [message],
      metadata: { a: "1" },
      createdAt: 1000,
      requestId: "r",
    };
    expect(await read("thread_1", state, place, remote)).toEqual({ ...state, metadata: { drift: "yes" } });
    expect(remote.calls).toEqual([{ name: "retrieve", place }]);
  });

  test("brings nothing when the thread is gone", async () => {
    expect(await read("thread_1", place, place, new Remote())).toBeUndefined();
  });
});

describe("the inputs of what was read", () => {
  test("are what a program would declare, and nothing else", () => {
    const state: ThreadState = {
      ...place,
      messages: [message],
      metadata: { a: "1" },
      createdAt: 1,
      requestId: "r",
    };
    expect(inputsOf(state)).toEqual({ ...place, messages: [message], metadata: { a: "1" } });
    expect(inputsOf({ ...state, __metadataUndeclared: true })).not.toHaveProperty("metadata");
    expect(inputsOf({})).toEqual({});
  });
});

describe("update", () => {
  const state: ThreadState = { ...place, messages: [message], metadata: { a: "1", b: "2" }, createdAt: 1000 };

  test("sends the whole map, so that keys which are declared no longer go, and returns the whole state", async () => {
    const remote = new Remote();
    remote.threads.set("thread_1", { id: "thread_1", metadata: { a: "1", b: "2" } });
    const inputs = { ...place, messages: [message], metadata: { a: "3" } };
    expect(await update("thread_1", state, inputs, place, remote)).toEqual({
      ...place,
      messages: [message],
      metadata: { a: "3" },
      createdAt: 1000,
      requestId: "request-of-update",
    });
    expect(remote.calls).toEqual([{ name: "update", place, sent: { a: "3" } }]);
  });

  test("writes nothing when no metadata is declared", async () => {
    const remote = new Remote();
    expect(await update("thread_1", state, place, place, remote)).toEqual(state);
    expect(remote.calls).toEqual([]);
  });

  test("records and reports a key that should be gone and is not, should DashScope merge", async () => {
    const remote = new Remote();
    remote.take = (current, given) => ({ ...current, ...given });
    remote.threads.set("thread_1", { id: "thread_1", metadata: { a: "1", b: "2" } });
    const error = await failure(update("thread_1", state, { ...place, metadata: { a: "3" } }, place, remote));
    expect(error).toMatchObject({
      id: "thread_1",
      state: { ...place, metadata: { a: "3", b: "2" }, createdAt: 1000 },
    });
    expect(error.message).toContain("still has the metadata b, which should be gone.");
  });
});

test("remove deletes the thread where it lives", async () => {
  const remote = new Remote();
  remote.threads.set("thread_1", { id: "thread_1", metadata: {} });
  await remove("thread_1", { ...place }, place, remote);
  expect(remote.threads.size).toBe(0);
  expect(remote.calls).toEqual([{ name: "delete", place }]);
});

describe("whatever is declared", () => {
  const metadata = fc.dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    fc.string(),
  );
  const messages = fc.array(
    fc.record(
      {
        role: fc.constantFrom("user" as const, "assistant" as const),
        content: fc.string(),
        fileIds: fc.array(fc.string()),
        metadata,
      },
      { requiredKeys: ["role", "content"] },
    ),
  );
  const inputs = fc.record({ messages, metadata }, { requiredKeys: [] });

  test("is no change once it is created, read and declared again", async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async (declared) => {
        const remote = new Remote();
        const checked = check({}, declared, place);
        const { id, state } = await create(checked, place, remote);
        expect(diff(id, state, check(checked, declared, place))).toEqual({ changed: false, replaces: [] });

        const live = await read(id, state, placeOf(state) ?? elsewhere, remote);
        expect(live).toEqual(state);
        expect(inputsOf(live ?? {})).toEqual(checked);
        expect(diff(id, live ?? {}, check(inputsOf(live ?? {}), declared, place)).changed).toBe(false);
      }),
    );
  });

  test("is no change once it is updated to, in one update that sends metadata only", async () => {
    await fc.assert(
      fc.asyncProperty(inputs, metadata, async (declared, next) => {
        const remote = new Remote();
        const checked = check({}, declared, place);
        const { id, state } = await create(checked, place, remote);
        const changed = check(checked, { ...declared, metadata: next }, place);
        expect(diff(id, state, changed).replaces).toEqual([]);
        const outs = await update(id, state, changed, place, remote);
        expect(diff(id, outs, changed)).toEqual({ changed: false, replaces: [] });
        expect(remote.threads.get(id)?.metadata).toEqual(next);
        expect(remote.names).toEqual(["create", "update"]);
      }),
    );
  });
});

async function failure(promise: Promise<unknown>): Promise<IncompleteThreadError> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof IncompleteThreadError) return error;
  throw new Error(`It ended otherwise: ${error}`);
}
