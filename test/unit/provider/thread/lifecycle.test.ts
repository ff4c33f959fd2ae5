import { describe, expect, test } from "@jest/globals";
import { DashScopeError } from "../../../../provider/src/dashscope/errors";
import { computeFingerprint } from "../../../../provider/src/dashscope/fingerprint";
import { AccountError, AdoptionError, IncompleteError } from "../../../../provider/src/resource/errors";
import { unknown } from "../../../../provider/src/resource/unknown";
import { threadLifecycle as lifecycle } from "../../../../provider/src/thread/lifecycle";
import type { ThreadInputs, ThreadState } from "../../../../provider/src/thread/schema";
import { buildAccount, FakeClient } from "../fakeAccount";
import { catchError } from "../testServer";

const endpoint = { baseUrl: "https://dashscope.aliyuncs.com/api/v1", workspace: "llm-1" };
const elsewhere = { baseUrl: "https://dashscope-intl.aliyuncs.com/api/v1", workspace: "llm-2" };
const stack = { workspace: "llm-1" };
const message = { role: "user" as const, content: "Hello" };
const ownKey = computeFingerprint(endpoint.baseUrl, "sk-own");
const state: ThreadState = {
  ...endpoint,
  messages: [message],
  metadata: { a: "1", b: "2" },
  createdAt: 1000,
  requestId: "r",
  __keys: [ownKey],
  __instance: "instance-1",
};
const inputs: ThreadInputs = { ...endpoint, messages: [message], metadata: { b: "2", a: "1" } };

describe("check", () => {
  test("`check` adds the endpoint, sends nothing and needs no key", async () => {
    const account = buildAccount({
      stack,
      key: "",
      environment: { DASHSCOPE_API_KEY_FILE_PATH: "/nonexistent" },
    });
    expect(await lifecycle.check({}, { metadata: { a: "b" } }, account)).toEqual({
      inputs: { metadata: { a: "b" }, ...endpoint },
      problems: [],
    });
    expect(account.client.calls).toEqual([]);
  });

  test("`check` turns removed metadata into `{}`, and leaves metadata that was never set alone", async () => {
    const account = buildAccount({ stack });
    expect(await lifecycle.check(inputs, { messages: [message] }, account)).toHaveProperty(
      "inputs.metadata",
      {},
    );
    expect(await lifecycle.check(endpoint, { metadata: null }, account)).not.toHaveProperty(
      "inputs.metadata",
    );
  });

  test.each([undefined, null, "x"])("`check` takes the arguments %j for none", async (given) => {
    expect(await lifecycle.check({}, given, buildAccount({ stack }))).toEqual({
      inputs: endpoint,
      problems: [],
    });
  });

  test.each<[string, object, object]>([
    ["a base URL from the program", {}, { baseUrl: "https://evil.example" }],
    ["another base URL than the recorded one", inputs, { baseUrl: "https://evil.example" }],
    ["an empty message", {}, { messages: [{ role: "user", content: "" }] }],
    ["a wrong property", {}, { metadata: { a: 1 } }],
  ])("`check` refuses %s", async (_, olds, news) => {
    const { inputs: checked, problems } = await lifecycle.check(olds, news, buildAccount({ stack }));
    expect(checked).toBeUndefined();
    expect(problems).toHaveLength(1);
  });

  test("`check` accepts the recorded base URL, which `ignoreChanges` puts back", async () => {
    const checked = await lifecycle.check(
      inputs,
      inputs,
      buildAccount({ stack: { region: "ap-southeast-1" } }),
    );
    expect(checked).toMatchObject({ inputs: { baseUrl: endpoint.baseUrl }, problems: [] });
  });

  test.each([
    { metadata: unknown },
    { metadata: { a: unknown } },
    { messages: unknown },
    { messages: [unknown] },
    { messages: [{ role: unknown, content: unknown, fileIds: unknown, metadata: unknown }] },
    { messages: [{ role: "user", content: "x", fileIds: [unknown], metadata: { a: unknown } }] },
    { workspace: unknown },
    { adoptId: unknown },
    { adoptId: "thread_1", messages: unknown },
  ])("`check` passes on what isn't known yet: %j", async (news) => {
    const client = new FakeClient();
    client.threads.set("thread_1", {});
    const { problems, ...rest } = await lifecycle.check({}, news, buildAccount({ client }));
    expect(problems).toEqual([]);
    expect(rest).toMatchObject({ inputs: news });
  });

  test("the environment moves nothing that exists", async () => {
    const environment = { DASHSCOPE_HTTP_BASE_URL: elsewhere.baseUrl, DASHSCOPE_WORKSPACE_ID: "llm-2" };
    const account = buildAccount({ environment });
    expect(await lifecycle.check(inputs, { messages: [message], metadata: { a: "2" } }, account)).toEqual({
      inputs: { ...endpoint, messages: [message], metadata: { a: "2" } },
      problems: [],
    });
    expect(account.notices).toEqual([]);
  });

  test.each([{ messages: [] }, { messages: [], adoptId: "thread_2" }])(
    "`check` fails if a replacement would be created where only the environment points: %j",
    async (news) => {
      const environment = { DASHSCOPE_HTTP_BASE_URL: elsewhere.baseUrl };
      const { problems } = await lifecycle.check(inputs, news, buildAccount({ environment, stack }));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain("`DASHSCOPE_HTTP_BASE_URL`");
    },
  );

  test("a move is one warning that names the setting and says that the conversation is deleted", async () => {
    const account = buildAccount({ stack: { baseUrl: elsewhere.baseUrl } });
    const { inputs: checked } = await lifecycle.check(inputs, { messages: [message] }, account);
    expect(checked).toMatchObject({ baseUrl: elsewhere.baseUrl, workspace: "llm-1" });
    expect(account.notices).toEqual([
      expect.stringMatching(/^warning: .*`dashscope:baseUrl` moves it from .* to .*deletes .* conversation/),
    ]);
  });
});

describe("check of an adoption", () => {
  test("an adoption is verified once, and tells which metadata keys it removes, but no value", async () => {
    const client = new FakeClient();
    client.threads.set("thread_7", { a: "secret-value", "two\nlines": "x", keep: "y" });
    const account = buildAccount({ client });
    const news = { adoptId: "thread_7", metadata: { keep: "z" } };
    expect((await lifecycle.check({}, news, account)).problems).toEqual([]);
    await lifecycle.check({}, news, account);
    expect(client.requests).toEqual(["GET threads/thread_7"]);
    expect(account.notices[0]).toContain('`a`, "two\\nlines"');
    expect(account.notices.join()).not.toMatch(/secret-value|keep/);
  });

  test("a missing thread fails in the preview", async () => {
    const { problems } = await lifecycle.check({}, { adoptId: "thread_7" }, buildAccount());
    expect(problems).toEqual([expect.stringMatching(/thread_7.*\[DASHSCOPE_ERR_ADOPTION\]$/)]);
  });

  test("an adoption that can't be verified is a warning", async () => {
    const client = new FakeClient();
    client.failure = "connection";
    const account = buildAccount({ client });
    expect((await lifecycle.check({}, { adoptId: "thread_7" }, account)).problems).toEqual([]);
    expect(account.notices).toEqual([expect.stringMatching(/^warning: /)]);
  });

  test("a recorded adoption isn't verified again", async () => {
    const account = buildAccount();
    await lifecycle.check({ adoptId: "thread_7" }, { adoptId: "thread_7" }, account);
    expect(account.client.calls).toEqual([]);
  });
});

describe("diff", () => {
  const diff = (id: string, recorded: ThreadState, news: ThreadInputs) =>
    lifecycle.diff(id, recorded, news, buildAccount());

  test("`diff` sees no change in what is as declared, whatever the order of keys", () => {
    expect(diff("thread_1", state, inputs)).toEqual({ changed: false, replaces: [] });
  });

  test.each<[string, Partial<ThreadInputs>, string[]]>([
    ["metadata", { metadata: { a: "1" } }, []],
    ["cleared metadata", { metadata: {} }, []],
    ["a message", { messages: [{ ...message, content: "Bye" }] }, ["messages"]],
    ["another message", { messages: [message, message] }, ["messages"]],
    ["removed messages", { messages: [] }, ["messages"]],
    ["the workspace", { workspace: "llm-2" }, ["workspace"]],
    ["the base URL", { baseUrl: elsewhere.baseUrl }, ["baseUrl"]],
    ["another thread to adopt", { adoptId: "thread_2" }, ["adoptId"]],
    ["a move by adopting itself", { ...elsewhere, adoptId: "thread_1" }, []],
    ["everything", { ...elsewhere, messages: [], metadata: {} }, ["messages", "workspace", "baseUrl"]],
  ])("`diff` sees a change of %s", (_, changes, replaces) => {
    expect(diff("thread_1", state, { ...inputs, ...changes })).toEqual({ changed: true, replaces });
  });

  test.each<[string, ThreadState, ThreadInputs]>([
    ["an adoption that has happened", state, { ...inputs, adoptId: "thread_1" }],
    ["other keys of the account", { ...state, __keys: ["0123456789"] }, inputs],
    ["no messages instead of none declared", { ...endpoint }, { ...endpoint, messages: [] }],
    ["none declared instead of no messages", { ...endpoint, messages: [] }, { ...endpoint }],
    [
      "empty parts of a message",
      { ...endpoint, messages: [{ ...message, fileIds: [], metadata: {} }] },
      { ...endpoint, messages: [message] },
    ],
    ["a state of a release that recorded no endpoint", { metadata: {} }, { ...endpoint, metadata: {} }],
    [
      "metadata that isn't declared",
      { ...endpoint, metadata: { a: "1" }, __metadataUndeclared: true },
      endpoint,
    ],
  ])("`diff` sees no change in %s", (_, recorded, news) => {
    expect(diff("thread_1", recorded, news)).toEqual({ changed: false, replaces: [] });
  });

  test("metadata that's declared for the first time is a change, even if it's equal", () => {
    const undeclared: ThreadState = { ...endpoint, metadata: { a: "1" }, __metadataUndeclared: true };
    expect(diff("thread_1", undeclared, { ...endpoint, metadata: { a: "1" } })).toEqual({
      changed: true,
      replaces: [],
    });
  });

  test("two records of one thread are refused", () => {
    const account = buildAccount();
    lifecycle.diff("thread_1", state, inputs, account);
    lifecycle.diff("thread_1", state, inputs, account);
    const other = { ...state, __instance: "instance-2" };
    expect(() => lifecycle.diff("thread_1", other, inputs, account)).toThrow(AdoptionError);
  });
});

describe("a thread that the program adopts by its own ID", () => {
  const { messages: _, ...adopted } = { ...inputs, adoptId: "thread_1" };

  test("it's changed in place, without the messages that an adoption can't have", async () => {
    const account = buildAccount({ stack });
    account.client.threads.set("thread_1", { a: "1", b: "2" });
    expect(lifecycle.diff("thread_1", state, adopted, account)).toEqual({ changed: true, replaces: [] });
    const updated = await lifecycle.update("thread_1", state, adopted, account);
    expect(updated).not.toHaveProperty("messages");
    // `adoptId` can be removed afterwards.
    const { adoptId: __, ...removed } = adopted;
    const later = buildAccount({ stack });
    expect(lifecycle.diff("thread_1", updated, removed, later)).toEqual({ changed: false, replaces: [] });
  });

  test("an error names `adoptId` if the thread isn't at the new endpoint", async () => {
    const account = buildAccount({ stack });
    const moved = lifecycle.update("thread_1", state, { ...adopted, ...elsewhere }, account);
    await catchError(moved, AdoptionError);
  });
});

describe("create", () => {
  test("`create` creates one thread and records all that later hooks need", async () => {
    const account = buildAccount();
    const { id, state: recorded } = await lifecycle.create(inputs, account);
    expect({ id, recorded }).toEqual({
      id: "thread_1",
      recorded: {
        ...inputs,
        createdAt: 1000,
        requestId: "request-1",
        __keys: [ownKey],
        __instance: expect.stringMatching(/^[\w-]{12}$/),
      },
    });
    expect(account.client.calls).toEqual([
      { request: "POST threads", body: { messages: [message], metadata: inputs.metadata }, endpoint },
    ]);
    const second = await lifecycle.create(inputs, account);
    expect(second.state.__instance).not.toBe(recorded.__instance);
  });

  test("`create` remembers that no metadata is declared", async () => {
    const { state: recorded } = await lifecycle.create({}, buildAccount());
    expect(recorded).toMatchObject({ metadata: {}, __metadataUndeclared: true });
  });

  test("`create` reads the thread again if the answer doesn't show the metadata", async () => {
    const account = buildAccount();
    account.client.echo = () => undefined;
    const { state: recorded } = await lifecycle.create({ metadata: { a: "1" } }, account);
    expect(recorded.metadata).toEqual({ a: "1" });
    expect(account.client.requests).toEqual(["POST threads", "GET threads/thread_1"]);
  });

  test("a thread that isn't as declared is kept, and the error names the keys but no value", async () => {
    const account = buildAccount();
    account.client.take = () => ({ b: "secret-value" });
    const error = await catchError(lifecycle.create({ metadata: { a: "hidden" } }, account), IncompleteError);
    expect(error).toMatchObject({
      id: "thread_1",
      state: { metadata: { b: "secret-value" }, createdAt: 1000 },
    });
    expect(error.message).toMatch(/kept .*`b`.*didn't apply .*`a`/);
    expect(error.message).not.toMatch(/secret-value|hidden/);
  });

  test("a thread that can't be read back is kept", async () => {
    const account = buildAccount();
    account.client.echo = () => undefined;
    account.client.isReadable = false;
    const error = await catchError(lifecycle.create({ metadata: { a: "1" } }, account), IncompleteError);
    expect(error).toMatchObject({ id: "thread_1", state: { metadata: {} } });
    expect(error.message).not.toMatch(/kept|didn't apply/);
  });
});

describe("create with adoptId", () => {
  test("an adoption creates nothing, and writes nothing if the metadata is as declared", async () => {
    const account = prepareAdoption({ a: "1" });
    expect(await lifecycle.create({ adoptId: "thread_7" }, account)).toMatchObject({
      id: "thread_7",
      state: { metadata: { a: "1" }, createdAt: 1000, __metadataUndeclared: true, __keys: [ownKey] },
    });
    await lifecycle.create(
      { adoptId: "thread_7", metadata: { a: "1" } },
      prepareAdoption({ a: "1" }, account.client),
    );
    expect(account.client.requests).toEqual(["GET threads/thread_7", "GET threads/thread_7"]);
  });

  test("an adoption applies declared metadata", async () => {
    const account = prepareAdoption({ a: "1" });
    const { state: recorded } = await lifecycle.create(
      { adoptId: "thread_7", metadata: { b: "2" } },
      account,
    );
    expect(recorded.metadata).toEqual({ b: "2" });
    expect(account.client.threads.get("thread_7")).toEqual({ b: "2" });
  });

  test("a missing thread is an error, and none is created", async () => {
    const account = buildAccount();
    await catchError(lifecycle.create({ adoptId: "thread_7" }, account), AdoptionError);
    expect(account.client.threads.size).toBe(0);
  });

  test("the record that a thread was adopted from doesn't delete it", async () => {
    const account = prepareAdoption({});
    await lifecycle.create({ adoptId: "thread_7" }, account);
    await lifecycle.delete("thread_7", state, account);
    expect([...account.client.threads.keys()]).toEqual(["thread_7"]);
    expect(account.deleted).toEqual([]);
  });

  test("a replacement that adopts the same thread again is allowed, and doesn't delete it", async () => {
    const account = prepareAdoption({});
    lifecycle.diff("thread_7", state, { ...inputs, adoptId: "thread_7" }, account);
    await lifecycle.create({ adoptId: "thread_7" }, account);
    await lifecycle.delete("thread_7", state, account);
    expect(account.client.threads.size).toBe(1);
  });

  test.each<[string, (account: ReturnType<typeof buildAccount>) => unknown]>([
    ["another resource declares it", (account) => lifecycle.diff("thread_7", state, inputs, account)],
    ["another resource adopts it", (account) => lifecycle.create({ adoptId: "thread_7" }, account)],
  ])("an adoption is refused if %s", async (_, claim) => {
    const account = prepareAdoption({});
    await claim(account);
    await catchError(lifecycle.create({ adoptId: "thread_7" }, account), AdoptionError);
  });

  test("the claim of a failed adoption stays, so that the former record doesn't delete the thread", async () => {
    const account = prepareAdoption({});
    account.client.failure = "connection";
    await catchError(lifecycle.create({ adoptId: "thread_7" }, account), DashScopeError);
    account.client.failure = undefined;
    await lifecycle.delete("thread_7", state, account);
    expect(account.client.threads.size).toBe(1);
  });

  test("the claim of an incomplete adoption stays", async () => {
    const account = prepareAdoption({});
    account.client.take = () => ({});
    await catchError(
      lifecycle.create({ adoptId: "thread_7", metadata: { a: "1" } }, account),
      IncompleteError,
    );
    expect(account.claims.isKept("thread_7", "")).toBe(true);
  });
});

describe("read", () => {
  test("`read` records what exists now, and keeps what DashScope doesn't tell", async () => {
    const account = buildAccount({ key: "sk-2" });
    account.client.threads.set("thread_1", { drift: "yes" });
    expect(await lifecycle.read("thread_1", { ...state, createdAt: 7 }, account)).toEqual({
      state: {
        ...state,
        createdAt: 7,
        metadata: { drift: "yes" },
        __keys: [ownKey, computeFingerprint(endpoint.baseUrl, "sk-2")],
      },
      inputs: { ...endpoint, messages: [message], metadata: { drift: "yes" } },
    });
    expect(account.client.calls).toEqual([{ request: "GET threads/thread_1", endpoint }]);
  });

  test("`read` returns nothing for a thread that's gone, and journals it", async () => {
    const account = buildAccount();
    expect(await lifecycle.read("thread_1", state, account)).toBeUndefined();
    expect(account.deleted).toEqual(["thread_1"]);
  });

  test("a state of an earlier release gets an instance ID that differs between records and stays the same", async () => {
    const { __instance: _, ...older } = state;
    const account = buildAccount();
    account.client.threads.set("thread_1", {});
    const first = await lifecycle.read("thread_1", older, account);
    const second = await lifecycle.read("thread_1", older, account);
    const other = await lifecycle.read("thread_1", { ...older, requestId: "r-2" }, account);
    expect(second?.state.__instance).toBe(first?.state.__instance);
    expect(other?.state.__instance).not.toBe(first?.state.__instance);
  });
});

test("a thread that's missing under an unknown key isn't journaled as deleted", async () => {
  const account = buildAccount({ stack });
  expect(await lifecycle.read("thread_1", endpoint, account)).toBeUndefined();
  expect(account.deleted).toEqual([]);
});

describe("update", () => {
  test("`update` sends the whole map, and returns the whole state", async () => {
    const account = buildAccount();
    account.client.threads.set("thread_1", { a: "1", b: "2" });
    expect(await lifecycle.update("thread_1", state, { ...inputs, metadata: { a: "3" } }, account)).toEqual({
      ...state,
      metadata: { a: "3" },
      requestId: "request-1",
    });
    expect(account.client.calls).toEqual([
      { request: "POST threads/thread_1", body: { metadata: { a: "3" } }, endpoint },
    ]);
  });

  test("`update` writes nothing if no metadata is declared", async () => {
    const account = buildAccount();
    account.client.threads.set("thread_1", { a: "1" });
    const recorded = await lifecycle.update("thread_1", state, { ...endpoint, messages: [message] }, account);
    expect(recorded).toMatchObject({ metadata: { a: "1" }, __metadataUndeclared: true });
    expect(account.client.requests).toEqual(["GET threads/thread_1"]);
  });

  test("a key that DashScope keeps is recorded and reported", async () => {
    const account = buildAccount();
    account.client.threads.set("thread_1", { a: "1", b: "2" });
    account.client.take = (current, given) => ({ ...current, ...given });
    const update = lifecycle.update("thread_1", state, { ...inputs, metadata: { a: "3" } }, account);
    const error = await catchError(update, IncompleteError);
    expect(error).toMatchObject({
      id: "thread_1",
      state: { ...state, metadata: { a: "3", b: "2" }, requestId: "request-1" },
    });
    expect(error.message).toContain("`b`");
  });

  test("a thread that's adopted at its own new endpoint moves in place", async () => {
    const account = buildAccount({ stack: { baseUrl: elsewhere.baseUrl } });
    account.client.threads.set("thread_1", { a: "1", b: "2" });
    const news = { ...inputs, ...elsewhere, adoptId: "thread_1" };
    expect(await lifecycle.update("thread_1", state, news, account)).toMatchObject({
      ...elsewhere,
      __instance: "instance-1",
      __keys: [computeFingerprint(elsewhere.baseUrl, "sk-own")],
    });
  });

  test("a thread that's gone is an error that leaves the record alone", async () => {
    const error = await catchError(
      lifecycle.update("thread_1", state, inputs, buildAccount()),
      DashScopeError,
    );
    expect(error.code).toBe("DASHSCOPE_ERR_THREAD_GONE");
  });
});

describe("delete", () => {
  test("`delete` deletes the thread at its recorded endpoint, and journals it", async () => {
    const account = buildAccount({ stack: { region: "ap-southeast-1" } });
    account.client.threads.set("thread_1", {});
    await lifecycle.delete("thread_1", state, account);
    expect(account.client.calls).toEqual([{ request: "DELETE threads/thread_1", endpoint }]);
    expect(account.deleted).toEqual(["thread_1"]);
  });

  test("`delete` succeeds if the thread is already gone", async () => {
    await expect(lifecycle.delete("thread_1", state, buildAccount())).resolves.toBeUndefined();
  });

  test("`delete` fails and journals nothing if another failure occurs", async () => {
    const account = buildAccount();
    account.client.failure = "connection";
    await catchError(lifecycle.delete("thread_1", state, account), DashScopeError);
    expect(account.deleted).toEqual([]);
  });
});

test.each<[string, (account: ReturnType<typeof buildAccount>) => Promise<unknown>]>([
  ["read", (account) => lifecycle.read("thread_1", state, account)],
  ["update", (account) => lifecycle.update("thread_1", state, inputs, account)],
  ["delete", (account) => lifecycle.delete("thread_1", state, account)],
])("`%s` doesn't believe another account's key that the thread is gone", async (_, call) => {
  const account = buildAccount({ key: "sk-of-another-account" });
  await catchError(call(account), AccountError);
  expect(account.deleted).toEqual([]);
});

test("`read` derives the inputs that a program would declare, and nothing else", async () => {
  const client = new FakeClient();
  client.threads.set("thread_1", state.metadata ?? {});
  const read = async (recorded: ThreadState) =>
    (await lifecycle.read("thread_1", recorded, buildAccount({ client })))?.inputs;
  expect(await read(state)).toEqual({ ...inputs });
  expect(await read({ ...state, __metadataUndeclared: true })).not.toHaveProperty("metadata");
  expect(await read({})).toEqual({ baseUrl: endpoint.baseUrl, metadata: state.metadata });
});

/** Builds an account in which the thread `thread_7` exists. */
function prepareAdoption(metadata: Readonly<Record<string, string>>, client = new FakeClient()) {
  client.threads.set("thread_7", metadata);
  return buildAccount({ client });
}

describe("predict", () => {
  test("a create knows the inputs, and nothing that DashScope says", () => {
    expect(lifecycle.predict({ metadata: { env: "dev" }, baseUrl: "https://one.example/api/v1" })).toEqual({
      metadata: { env: "dev" },
      baseUrl: "https://one.example/api/v1",
      workspace: null,
      createdAt: unknown,
      requestId: unknown,
    });
    expect(lifecycle.predict({ adoptId: "thread_1" })).toMatchObject({ metadata: unknown });
  });

  test("an update keeps what it doesn't change", () => {
    const state = { metadata: { env: "dev" }, createdAt: 7, requestId: "request-1", workspace: "ws-1" };
    expect(lifecycle.predict({ metadata: { env: "prod" } }, state)).toEqual({
      metadata: { env: "prod" },
      createdAt: 7,
      requestId: unknown,
      workspace: "ws-1",
    });
    expect(lifecycle.predict({}, state)).toMatchObject({ metadata: { env: "dev" } });
  });
});
