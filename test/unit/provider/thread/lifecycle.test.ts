import { describe, expect, test } from "@jest/globals";
import { DashScopeError } from "../../../../provider/src/dashscope/errors";
import { computeFingerprint } from "../../../../provider/src/dashscope/fingerprint";
import { AccountError, AdoptionError, IncompleteError } from "../../../../provider/src/resource/errors";
import { unknown } from "../../../../provider/src/resource/unknown";
import { threadLifecycle as lifecycle } from "../../../../provider/src/thread/lifecycle";
import type { ThreadInputs, ThreadState } from "../../../../provider/src/thread/schema";
import { FakeDashScope } from "../fakeDashScope";
import { requireInputs } from "../stack";
import { buildAccount } from "../testAccount";
import { catchError } from "../testServer";

type TestAccount = ReturnType<typeof buildAccount>;

const endpoint = { baseUrl: "https://dashscope.aliyuncs.com/api/v1", workspace: "llm-1" };
const elsewhere = { baseUrl: "https://dashscope-intl.aliyuncs.com/api/v1", workspace: "llm-2" };
const stack = { workspace: "llm-1" };
const message = { role: "user" as const, content: "Hello" };
const ownKey = computeFingerprint(endpoint.baseUrl, "sk-own");
const state: ThreadState = {
  ...endpoint,
  messages: [message],
  metadata: { a: "1", b: "2" },
  createdAt: 7,
  requestId: "r",
  __keys: [ownKey],
  __instance: "instance-1",
};
const inputs: ThreadInputs = { ...endpoint, messages: [message], metadata: { b: "2", a: "1" } };

/** Builds an account in which the thread `thread_1` exists. */
function buildAccountWithThread(
  metadata: Readonly<Record<string, string>> = {},
  options: Parameters<typeof buildAccount>[0] = {},
): TestAccount {
  const client = new FakeDashScope();
  client.objects.set("thread_1", metadata);
  return buildAccount({ client, ...options });
}

describe("`check` of a thread", () => {
  test("`check` adds the endpoint, sends nothing and needs no key", async () => {
    const environment = { DASHSCOPE_API_KEY_FILE_PATH: "/nonexistent" };
    const account = buildAccount({ stack, key: "", environment });
    for (const [given, metadata] of [
      [{ metadata: { a: "b" } }, { a: "b" }],
      [undefined, undefined],
      [null, undefined],
      ["x", undefined],
    ] as const) {
      expect(await lifecycle.check({}, given, account)).toEqual({
        inputs: { ...(metadata && { metadata }), ...endpoint },
        problems: [],
      });
    }
    expect(account.client.calls).toEqual([]);
  });

  test("`check` turns removed metadata into `{}`, and leaves metadata that was never set alone", async () => {
    const check = async (olds: object) =>
      requireInputs(await lifecycle.check(olds, { metadata: null }, buildAccount({ stack })));
    expect(await check({ metadata: { a: "b" } })).toEqual({ ...endpoint, metadata: {} });
    expect(await check({})).toEqual(endpoint);
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
    const account = buildAccount({ stack: { region: "ap-southeast-1" } });
    expect(await lifecycle.check(inputs, inputs, account)).toMatchObject({
      inputs: { baseUrl: endpoint.baseUrl },
      problems: [],
    });
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
    const { problems, inputs: checked } = await lifecycle.check({}, news, buildAccountWithThread());
    expect(problems).toEqual([]);
    expect(checked).toMatchObject(news);
  });

  test("the environment moves nothing that exists", async () => {
    const environment = { DASHSCOPE_HTTP_BASE_URL: elsewhere.baseUrl, DASHSCOPE_WORKSPACE_ID: "llm-2" };
    const account = buildAccount({ environment });
    expect(requireInputs(await lifecycle.check(inputs, { messages: [message] }, account))).toMatchObject(
      endpoint,
    );
    expect(account.notices).toEqual([]);
  });

  test.each<[string, object, object]>([
    ["other messages", inputs, { messages: [] }],
    ["another thread to adopt", endpoint, { adoptId: "thread_2" }],
  ])(
    "`check` fails if %s would replace the thread by one where only the environment points",
    async (_, olds, news) => {
      const environment = { DASHSCOPE_HTTP_BASE_URL: elsewhere.baseUrl };
      const { problems } = await lifecycle.check(olds, news, buildAccount({ environment, stack }));
      expect(problems).toEqual([expect.stringContaining("`DASHSCOPE_HTTP_BASE_URL`")]);
    },
  );

  test("a move is one warning that names the setting and says that the conversation is deleted", async () => {
    const account = buildAccount({ stack: { baseUrl: elsewhere.baseUrl } });
    const { inputs: checked } = await lifecycle.check(inputs, { messages: [message] }, account);
    expect(checked).toMatchObject({ baseUrl: elsewhere.baseUrl, workspace: "llm-1" });
    expect(account.notices).toEqual([
      expect.stringMatching(/^warning: .*`dashscope:baseUrl`.*deletes .* conversation/),
    ]);
  });
});

describe("`check` of an adoption", () => {
  test("an adoption is verified once, and tells which metadata keys it removes, but no value", async () => {
    const account = buildAccountWithThread({ a: "secret-value", "two\nlines": "x", keep: "y" });
    const news = { adoptId: "thread_1", metadata: { keep: "z" } };
    expect((await lifecycle.check({}, news, account)).problems).toEqual([]);
    await lifecycle.check({}, news, account);
    expect(account.client.requests).toEqual(["GET threads/thread_1"]);
    expect(account.notices[0]).toContain('`a`, "two\\nlines"');
    expect(account.notices.join()).not.toMatch(/secret-value|keep/);
  });

  test("a missing thread fails in the preview", async () => {
    const { problems } = await lifecycle.check({}, { adoptId: "thread_7" }, buildAccount());
    expect(problems).toEqual([expect.stringContaining("[DASHSCOPE_ERR_ADOPTION]")]);
  });

  test("an adoption that can't be verified is a warning", async () => {
    const account = buildAccount();
    account.client.decideFate = () => "is lost before the work";
    expect((await lifecycle.check({}, { adoptId: "thread_7" }, account)).problems).toEqual([]);
    expect(account.notices).toEqual([expect.stringMatching(/^warning: /)]);
  });

  test("a recorded adoption isn't verified again", async () => {
    const account = buildAccount();
    await lifecycle.check({ adoptId: "thread_7" }, { adoptId: "thread_7" }, account);
    expect(account.client.calls).toEqual([]);
  });
});

describe("`diff` of a thread", () => {
  const diff = (recorded: ThreadState, news: ThreadInputs) =>
    lifecycle.diff("thread_1", recorded, news, buildAccount());
  const undeclared: ThreadState = { ...endpoint, metadata: { a: "1" }, __metadataUndeclared: true };

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
    expect(diff(state, { ...inputs, ...changes })).toEqual({ changed: true, replaces });
  });

  test("`diff` sees a change in metadata that's declared for the first time, even if it's equal", () => {
    expect(diff(undeclared, { ...endpoint, metadata: { a: "1" } })).toEqual({ changed: true, replaces: [] });
  });

  test.each<[string, ThreadState, ThreadInputs]>([
    ["what is as declared, whatever the order of keys", state, inputs],
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
    ["metadata that isn't declared", undeclared, endpoint],
  ])("`diff` sees no change in %s", (_, recorded, news) => {
    expect(diff(recorded, news)).toEqual({ changed: false, replaces: [] });
  });

  test("two records of one thread are refused", () => {
    const account = buildAccount();
    lifecycle.diff("thread_1", state, inputs, account);
    lifecycle.diff("thread_1", state, inputs, account);
    const other = { ...state, __instance: "instance-2" };
    expect(() => lifecycle.diff("thread_1", other, inputs, account)).toThrow(AdoptionError);
  });
});

describe("`create` of a thread", () => {
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
    const second = await lifecycle.create({}, account);
    expect(second.state.__instance).not.toBe(recorded.__instance);
    expect(second.state).toMatchObject({ metadata: {}, __metadataUndeclared: true });
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
    expect(error.message).toMatch(/`b`.*`a`/);
    expect(error.message).not.toMatch(/secret-value|hidden/);
  });

  test("a thread that can't be read back is kept", async () => {
    const account = buildAccount();
    account.client.echo = () => undefined;
    account.client.decideFate = ({ method }) => (method === "GET" ? "is lost before the work" : "works");
    const error = await catchError(lifecycle.create({ metadata: { a: "1" } }, account), IncompleteError);
    expect(error).toMatchObject({ id: "thread_1", state: { metadata: {} } });
    expect(error.message).not.toContain("`a`");
  });
});

describe("an adoption", () => {
  const adopt = (account: TestAccount, metadata?: Record<string, string>) =>
    lifecycle.create({ adoptId: "thread_1", ...(metadata && { metadata }) }, account);

  test.each<[string, Record<string, string> | undefined, object, string[]]>([
    ["writes nothing if no metadata is declared", undefined, { a: "1" }, ["GET threads/thread_1"]],
    ["writes nothing if the metadata is as declared", { a: "1" }, { a: "1" }, ["GET threads/thread_1"]],
    ["applies declared metadata", { b: "2" }, { b: "2" }, ["GET threads/thread_1", "POST threads/thread_1"]],
  ])("an adoption %s", async (_, declared, metadata, requests) => {
    const account = buildAccountWithThread({ a: "1" });
    const recorded = await adopt(account, declared);
    expect(recorded).toMatchObject({
      id: "thread_1",
      state: { metadata, createdAt: 1000, __keys: [ownKey] },
    });
    expect(recorded.state.__metadataUndeclared).toBe(declared === undefined ? true : undefined);
    expect(account.client.requests).toEqual(requests);
    expect(account.client.objects.get("thread_1")).toEqual(metadata);
  });

  test("a missing thread is an error, and none is created", async () => {
    const account = buildAccount();
    await catchError(adopt(account), AdoptionError);
    expect(account.client.objects.size).toBe(0);
  });

  test.each<[string, (account: TestAccount) => unknown]>([
    ["the record that it was adopted from", adopt],
    [
      "its former record, which adopts it again by its own ID",
      (account) => {
        lifecycle.diff("thread_1", state, { ...inputs, adoptId: "thread_1" }, account);
        return adopt(account);
      },
    ],
    [
      "the former record after a failed adoption",
      async (account) => {
        account.client.decideFate = () => "is lost before the work";
        await catchError(adopt(account), DashScopeError);
        account.client.decideFate = () => "works";
      },
    ],
    [
      "the former record after an incomplete adoption",
      async (account) => {
        account.client.take = () => ({});
        await catchError(adopt(account, { a: "1" }), IncompleteError);
      },
    ],
  ])("a thread isn't deleted by %s", async (_, claim) => {
    const account = buildAccountWithThread();
    await claim(account);
    await lifecycle.delete("thread_1", state, account);
    expect(account.client.objects.size).toBe(1);
    expect(account.deleted).toEqual([]);
  });

  test.each<[string, (account: TestAccount) => unknown]>([
    ["declares it", (account) => lifecycle.diff("thread_1", state, inputs, account)],
    ["adopts it", adopt],
  ])("an adoption is refused if another resource %s", async (_, claim) => {
    const account = buildAccountWithThread();
    await claim(account);
    await catchError(adopt(account), AdoptionError);
  });

  test("a refused adoption leaves no claim, so that the other resource can still delete the thread", async () => {
    const account = buildAccountWithThread();
    lifecycle.diff("thread_1", state, inputs, account);
    await catchError(adopt(account), AdoptionError);
    await lifecycle.delete("thread_1", state, account);
    expect(account.deleted).toEqual(["thread_1"]);
  });

  test("a record that ends without deleting its thread leaves no claim on it", async () => {
    const account = buildAccountWithThread();
    lifecycle.diff("thread_1", state, { ...inputs, adoptId: "thread_1" }, account);
    const { state: adopted } = await adopt(account);
    await lifecycle.delete("thread_1", state, account);
    await lifecycle.delete("thread_1", adopted, account);
    expect(account.deleted).toEqual(["thread_1"]);
  });

  test("a record that was refreshed, and may no longer be declared, doesn't refuse an adoption", async () => {
    const account = buildAccountWithThread();
    await lifecycle.read("thread_1", state, account);
    lifecycle.diff("thread_1", state, inputs, account);
    await expect(adopt(account)).resolves.toHaveProperty("id", "thread_1");
  });

  test("a thread that's adopted by its own ID is changed in place, without the messages that it can't have", async () => {
    const account = buildAccountWithThread({ a: "1", b: "2" }, { stack });
    const { messages: _, ...removed } = inputs;
    const adopted = { ...removed, adoptId: "thread_1" };
    expect(lifecycle.diff("thread_1", state, adopted, account)).toEqual({ changed: true, replaces: [] });
    const updated = await lifecycle.update("thread_1", state, adopted, account);
    expect(updated).not.toHaveProperty("messages");
    // `adoptId` can be removed afterwards.
    const later = buildAccount({ stack });
    expect(lifecycle.diff("thread_1", updated, removed, later)).toEqual({ changed: false, replaces: [] });
  });

  test("a thread that's adopted at its own new endpoint moves in place", async () => {
    const account = buildAccountWithThread({}, { stack: { baseUrl: elsewhere.baseUrl } });
    const news = { ...inputs, ...elsewhere, adoptId: "thread_1" };
    expect(await lifecycle.update("thread_1", state, news, account)).toMatchObject({
      ...elsewhere,
      __instance: "instance-1",
      __keys: [computeFingerprint(elsewhere.baseUrl, "sk-own")],
    });
    account.client.objects.clear();
    await catchError(lifecycle.update("thread_1", state, news, account), AdoptionError);
  });
});

describe("`read` of a thread", () => {
  test("`read` records what exists now, and keeps what DashScope doesn't tell", async () => {
    const account = buildAccountWithThread({ drift: "yes" }, { key: "sk-2" });
    expect(await lifecycle.read("thread_1", state, account)).toEqual({
      state: {
        ...state,
        metadata: { drift: "yes" },
        __keys: [ownKey, computeFingerprint(endpoint.baseUrl, "sk-2")],
      },
      inputs: { ...endpoint, messages: [message], metadata: { drift: "yes" } },
    });
    expect(account.client.calls).toEqual([{ request: "GET threads/thread_1", endpoint }]);
  });

  test("`read` derives the inputs that a program would declare, and nothing else", async () => {
    const read = async (recorded: ThreadState) =>
      (await lifecycle.read("thread_1", recorded, buildAccountWithThread({ a: "1" })))?.inputs;
    expect(await read({ ...state, __metadataUndeclared: true })).toEqual({
      ...endpoint,
      messages: [message],
    });
    expect(await read({})).toEqual({ baseUrl: endpoint.baseUrl, metadata: { a: "1" } });
  });

  test.each<[string, ThreadState, string[]]>([
    ["a thread that's gone, and journals it", state, ["thread_1"]],
    ["one that's missing under an unknown key, and doesn't journal it", endpoint, []],
  ])("`read` returns nothing for %s", async (_, recorded, deleted) => {
    const account = buildAccount({ stack });
    expect(await lifecycle.read("thread_1", recorded, account)).toBeUndefined();
    expect(account.deleted).toEqual(deleted);
  });

  test("a state of an earlier release gets an instance ID that differs between records and stays the same", async () => {
    const { __instance: _, ...older } = state;
    const read = async (recorded: ThreadState) =>
      (await lifecycle.read("thread_1", recorded, buildAccountWithThread()))?.state.__instance;
    expect(await read(older)).toBe(await read(older));
    expect(await read({ ...older, requestId: "r-2" })).not.toBe(await read(older));
  });
});

describe("`update` of a thread", () => {
  test("`update` sends the whole map, and returns the whole state", async () => {
    const account = buildAccountWithThread({ a: "1", b: "2" });
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
    const account = buildAccountWithThread({ a: "1" });
    const recorded = await lifecycle.update("thread_1", state, { ...endpoint, messages: [message] }, account);
    expect(recorded).toMatchObject({ metadata: { a: "1" }, __metadataUndeclared: true });
    expect(account.client.requests).toEqual(["GET threads/thread_1"]);
  });

  test("a key that DashScope keeps is recorded and reported", async () => {
    const account = buildAccountWithThread({ a: "1", b: "2" });
    account.client.take = (current, given) => ({ ...current, ...given });
    const update = lifecycle.update("thread_1", state, { ...inputs, metadata: { a: "3" } }, account);
    const error = await catchError(update, IncompleteError);
    expect(error).toMatchObject({
      id: "thread_1",
      state: { ...state, metadata: { a: "3", b: "2" }, requestId: "request-1" },
    });
    expect(error.message).toContain("`b`");
  });

  test("a thread that's gone is an error that leaves the record alone", async () => {
    const update = lifecycle.update("thread_1", state, inputs, buildAccount());
    expect(await catchError(update, DashScopeError)).toHaveProperty("code", "DASHSCOPE_ERR_THREAD_GONE");
  });
});

describe("`delete` of a thread", () => {
  test("`delete` deletes the thread at its recorded endpoint and journals it, also if it's gone", async () => {
    const account = buildAccountWithThread({}, { stack: { region: "ap-southeast-1" } });
    await lifecycle.delete("thread_1", state, account);
    expect(account.client.calls).toEqual([{ request: "DELETE threads/thread_1", endpoint }]);
    await lifecycle.delete("thread_1", state, account);
    expect(account.deleted).toEqual(["thread_1", "thread_1"]);
  });

  test("`delete` fails and journals nothing if another failure occurs", async () => {
    const account = buildAccount();
    account.client.decideFate = () => "is lost before the work";
    await catchError(lifecycle.delete("thread_1", state, account), DashScopeError);
    expect(account.deleted).toEqual([]);
  });
});

test.each<[string, (account: TestAccount) => Promise<unknown>]>([
  ["read", (account) => lifecycle.read("thread_1", state, account)],
  ["update", (account) => lifecycle.update("thread_1", state, inputs, account)],
  ["delete", (account) => lifecycle.delete("thread_1", state, account)],
])("`%s` doesn't believe another account's key that the thread is gone", async (_, call) => {
  const account = buildAccount({ key: "sk-of-another-account" });
  await catchError(call(account), AccountError);
  expect(account.deleted).toEqual([]);
});

describe("`predict` of a thread", () => {
  test("a create knows the inputs, and nothing that DashScope says", () => {
    const declared = { metadata: { env: "dev" }, baseUrl: "https://one.example/api/v1" };
    const expected = { workspace: null, createdAt: unknown, requestId: unknown };
    expect(lifecycle.predict(declared)).toEqual({ ...declared, ...expected });
    expect(lifecycle.predict({ adoptId: "thread_1" })).toEqual({ ...expected, metadata: unknown });
  });

  test("an update keeps what it doesn't change", () => {
    const recorded = { metadata: { env: "dev" }, createdAt: 7, requestId: "request-1", workspace: "ws-1" };
    expect(lifecycle.predict({ metadata: { env: "prod" } }, recorded)).toEqual({
      metadata: { env: "prod" },
      createdAt: 7,
      requestId: unknown,
      workspace: "ws-1",
    });
    expect(lifecycle.predict({}, recorded)).toMatchObject({ metadata: { env: "dev" } });
  });
});
