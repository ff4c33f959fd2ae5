import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Emulator, Fault } from "dashscope-emulator";
import { ConfigurationError, DashScopeError } from "../../../../provider/src/dashscope/errors";
import { AccountError, AdoptionError } from "../../../../provider/src/resource/errors";
import { unknown } from "../../../../provider/src/resource/unknown";
import { threadSetLifecycle } from "../../../../provider/src/threadSet/lifecycle";
import type { ThreadSetInputs, ThreadSetState } from "../../../../provider/src/threadSet/schema";
import { createThread, deleteRemotely, openEmulator, post } from "../emulated";
import { requireInputs, Stack } from "../stack";
import { buildAccount, connectAccount } from "../testAccount";
import { catchError } from "../testServer";

const message = { role: "user" as const, content: "Hello" };
const endpoint = { baseUrl: "https://dashscope.aliyuncs.com/api/v1" };
const incomplete = { code: "DASHSCOPE_ERR_INCOMPLETE" };

/** Declares members without arguments. */
function nameMembers(length: number): Record<string, object> {
  return Object.fromEntries(Array.from({ length }, (_, at) => [`t${at}`, {}]));
}

describe("`check` of a set", () => {
  const check = (news: unknown, olds: Partial<ThreadSetInputs> = {}, account = buildAccount()) =>
    threadSetLifecycle.check(olds, news, account);

  test.each<[string, unknown, string]>([
    ["no threads", {}, "threads"],
    ["threads that are null", { threads: null }, "threads"],
    ["an array of threads", { threads: [] }, "threads"],
    ["a member that is null", { threads: { acme: null } }, "threads.acme"],
    ["an unknown argument", { threads: {}, protect: true }, "protect"],
    ["an unknown argument of a member", { threads: { acme: { labels: {} } } }, "threads.acme.labels"],
    [
      "a wrong role",
      { threads: { acme: { messages: [{ role: "bot", content: "secret-value" }] } } },
      "threads.acme.messages[0].role",
    ],
    ["a hidden key", { threads: { __acme: {} } }, "threads"],
    [
      "messages of an adopted thread",
      { threads: { acme: { adoptId: "thread_1", messages: [message] } } },
      "messages",
    ],
    [
      "the same `adoptId` twice",
      { threads: { acme: { adoptId: "thread_1" }, globex: { adoptId: "thread_1" } } },
      "adoptId",
    ],
    ["a wrong flag", { threads: {}, retain: "yes" }, "retain"],
    ["the endpoint as an argument", { threads: {}, baseUrl: "https://example.com" }, "baseUrl"],
  ])("`check` refuses %s with one problem, which names the property", async (_, given, property) => {
    const { inputs, problems } = await check(given);
    expect(inputs).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(`\`${property}\``)]);
    expect(problems[0]).not.toContain("secret-value");
  });

  test("`check` names the first ten problems and counts the others", async () => {
    const threads = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`t${at}`, { metadata: 1 }]));
    const { problems } = await check({ threads });
    expect(problems).toHaveLength(11);
    expect(problems.at(-1)).toContain("20 more");
  });

  test("`check` adds the endpoint and leaves out what isn't set", async () => {
    const acme = { metadata: null, adoptId: "", messages: [{ ...message, fileIds: [] }] };
    expect(await check({ threads: { acme }, workspace: "", retain: null })).toEqual({
      inputs: { threads: { acme: { messages: [message] } }, ...endpoint },
      problems: [],
    });
  });

  test("`check` clears the metadata that the program removed from a member", async () => {
    const olds = { threads: { acme: { metadata: {} } } };
    expect(await check({ threads: { acme: {}, globex: {} } }, olds)).toMatchObject({
      inputs: { threads: { acme: { metadata: {} }, globex: {} } },
    });
  });

  test.each([
    { threads: unknown },
    { threads: { acme: unknown } },
    { threads: { acme: { metadata: { plan: unknown } } } },
    { threads: { acme: { messages: [{ role: "user", content: unknown }] } } },
    { threads: { acme: { adoptId: unknown }, globex: { adoptId: unknown } } },
    { threads: {}, retain: unknown },
  ])("`check` passes on what isn't known yet, and sends nothing: %j", async (given) => {
    const account = buildAccount();
    expect(requireInputs(await check(given, {}, account))).toMatchObject(given);
    expect(account.client.calls).toEqual([]);
  });

  test("`check` refuses a set whose state could exceed 8 MB", async () => {
    const declare = (length: number) => ({
      threads: Object.fromEntries(
        Array.from({ length }, (_, at) => [
          `t${at}`,
          { messages: [{ ...message, content: "x".repeat(8_000) }] },
        ]),
      ),
    });
    expect((await check(declare(1_000))).problems).toHaveLength(1);
    expect((await check(declare(900))).problems).toEqual([]);
  });

  test("`check` fails for a thread to adopt that doesn't exist", async () => {
    const { problems } = await check({ threads: { acme: { adoptId: "thread_1" } } });
    expect(problems).toEqual([expect.stringMatching(/^`threads\.acme`.*\[DASHSCOPE_ERR_ADOPTION\]/)]);
  });

  test("the preview tells what adoptions remove, and reads each thread once", async () => {
    const account = buildAccount();
    account.client.objects.set("thread_1", { plan: "gold", old: "secret-value" });
    const given = { threads: { acme: { adoptId: "thread_1", metadata: { plan: "gold" } } } };
    await check(given, {}, account);
    await check(given, {}, account);
    expect(account.notices[0]).toContain("`retainOnDelete`");
    expect(account.notices[1]).toMatch(/thread_1.*`old`/);
    expect(account.notices.join()).not.toContain("secret-value");
    expect(account.client.requests).toEqual(["GET threads/thread_1"]);
  });
});

describe("`diff` of a set", () => {
  const state: ThreadSetState = {
    ...endpoint,
    ids: { acme: "thread_1" },
    threads: { acme: { id: "thread_1", createdAt: 1, metadata: { plan: "gold" }, messages: [message] } },
    __keys: ["0123456789"],
    __instance: "one",
  };
  const acme = { metadata: { plan: "gold" }, messages: [{ ...message, fileIds: [] }] };
  const inputs: ThreadSetInputs = { ...endpoint, threads: { acme } };
  let account: ReturnType<typeof buildAccount>;

  beforeEach(() => {
    account = buildAccount();
  });

  const diff = (news: Partial<ThreadSetInputs>, recorded: ThreadSetState = state) =>
    threadSetLifecycle.diff("threadset_1", recorded, { ...inputs, ...news }, account);

  test.each<[string, Partial<ThreadSetInputs>]>([
    ["equal members", {}],
    ["flags that are false", { protectMembers: false, retain: false }],
  ])("`diff` sees no change in %s", (_, news) => {
    expect(diff(news)).toEqual({ changed: false, replaces: [] });
  });

  test.each<[string, Partial<ThreadSetInputs>, string[]]>([
    ["a metadata value", { threads: { acme: { ...acme, metadata: { plan: "free" } } } }, []],
    ["another member", { threads: { acme, globex: {} } }, []],
    ["a removed member", { threads: {} }, []],
    ["a flag", { retain: true }, []],
    ["the workspace", { workspace: "llm-2" }, ["workspace"]],
    ["the base URL", { baseUrl: "https://dashscope-intl.aliyuncs.com/api/v1" }, ["baseUrl"]],
  ])("`diff` sees a change of %s", (_, news, replaces) => {
    expect(diff(news)).toEqual({ changed: true, replaces });
  });

  test.each<[string, Record<string, unknown>]>([
    ["the whole map", { threads: unknown }],
    ["a member", { threads: { acme: unknown } }],
    ["metadata", { threads: { acme: { messages: [message], metadata: { plan: unknown } } } }],
  ])("`diff` sees a change if %s isn't known yet, and tells nothing", (_, news) => {
    expect(diff(news)).toEqual({ changed: true, replaces: [] });
    expect(account.notices).toEqual([]);
  });

  test("`diff` sees unfinished work as a change, and tells what's left", () => {
    expect(diff({}, { ...state, __unfinished: [] })).toEqual({ changed: true, replaces: [] });
    expect(account.notices).toEqual([]);
    diff({ threads: { acme, globex: {} } }, { ...state, __unfinished: [] });
    expect(account.notices).toEqual([expect.stringMatching(/^info: .*"globex"/)]);
  });

  test.each<[string, Partial<ThreadSetInputs>, RegExp]>([
    [
      "other messages of a member",
      { threads: { acme: { ...acme, messages: [{ ...message, content: "secret-value" }] } } },
      /`messages`.*"acme"/,
    ],
    [
      "another `adoptId` of a member",
      { threads: { acme: { ...acme, adoptId: "thread_2" } } },
      /`adoptId`.*"acme"/,
    ],
    ["a removal of a protected member", { threads: {}, protectMembers: true }, /`protectMembers`.*"acme"/],
    [
      "a replacement of protected members",
      { workspace: "llm-2", protectMembers: true },
      /`protectMembers`.*`workspace`/,
    ],
    ["one thread under two keys", { threads: { acme, again: { adoptId: "thread_1" } } }, /thread_1/],
  ])("`diff` refuses %s", (_, news, names) => {
    expect(() => diff(news)).toThrow(ConfigurationError);
    expect(() => diff(news)).toThrow(names);
    expect(() => diff(news)).not.toThrow(/secret-value/);
  });

  test("the record moves in place if every member is declared with its own ID", () => {
    const news = { workspace: "llm-2", threads: { acme: { adoptId: "thread_1" } } };
    expect(() => diff(news)).toThrow(ConfigurationError);
    const plain = { ...state, threads: { acme: { id: "thread_1", metadata: {} } } };
    expect(diff(news, plain)).toEqual({ changed: true, replaces: [] });
  });

  test("`diff` claims the members that remain, and no removed one", () => {
    const globex = { id: "thread_2", metadata: {} };
    diff({}, { ...state, threads: { ...state.threads, globex } });
    const claim = (id: string) => account.claims.claim({ ids: [id], instance: "two", kind: "adopted" });
    expect(claim("thread_1")).toEqual([{ ids: ["thread_1"], instance: "one", kind: "recorded" }]);
    expect(claim("thread_2")).toEqual([]);
  });

  test("`diff` refuses a thread that another declared record manages", () => {
    account.claims.claim({ ids: ["thread_1"], instance: "two", kind: "recorded" });
    expect(() => diff({})).toThrow(AdoptionError);
  });

  test("`diff` tells that removals delete threads, and that `retain` keeps them", () => {
    diff({ threads: {} });
    diff({ threads: {}, retain: true });
    expect(account.notices).toEqual([
      expect.stringMatching(/^warning: .*deletes.*"acme"/),
      expect.stringMatching(/^info: .*"acme".*`retain`/),
    ]);
  });
});

describe("the members of a set", () => {
  let emulator: Emulator;
  let account: ReturnType<typeof connectAccount>;
  let stack: Stack;

  beforeEach(async () => {
    await open();
  });

  async function open(...args: Parameters<typeof openEmulator>) {
    emulator = await openEmulator(...args);
    account = connectAccount(emulator.url);
    stack = new Stack(threadSetLifecycle);
  }

  const up = (threads: object, flags: object = {}) => stack.up({ threads, ...flags }, account);
  const getState = (): ThreadSetState => stack.state;
  const getId = (key: string) => getState().ids?.[key] ?? "";
  const listKeys = () => Object.keys(getState().ids ?? {}).sort();
  const listLive = () => emulator.threads().map(({ id }) => id);
  const drop = (key: string) => deleteRemotely(`${emulator.url}/threads/${getId(key)}`);
  const listRequests = () => emulator.requests().map(({ method, path }) => `${method} ${path}`);
  const refuse = (verb: Fault["verb"], status: 400 | 500 = 500): Fault => ({
    kind: "error",
    status,
    code: status === 400 ? "InvalidParameter" : "InternalError",
    ...(verb && { verb }),
  });

  test("a create sends one request for each member and records everything", async () => {
    await up({ acme: { metadata: { plan: "gold" } }, globex: { messages: [message] } });
    expect(stack.id).toMatch(/^threadset_[0-9a-f-]{36}$/);
    expect(listRequests()).toEqual(Array(2).fill("POST /api/v1/threads"));
    expect(stack.state).toEqual({
      baseUrl: emulator.url,
      ids: { acme: expect.stringMatching(/^thread_/), globex: expect.stringMatching(/^thread_/) },
      threads: {
        acme: { id: getId("acme"), createdAt: expect.any(Number), metadata: { plan: "gold" } },
        globex: { id: getId("globex"), createdAt: expect.any(Number), metadata: {}, messages: [message] },
      },
      __metadataUndeclared: ["globex"],
      __keys: [expect.stringMatching(/^[0-9a-f]{10}$/)],
      __instance: expect.any(String),
    });
  });

  test("an update touches only the members that differ", async () => {
    const same = { metadata: { a: "1" } };
    await up({ same, changed: same, removed: {}, plain: {} });
    const former = getState().ids ?? {};
    emulator.clearRequests();
    expect(await up({ same, changed: { metadata: { a: "2" } }, plain: {}, added: {} })).toBeUndefined();
    expect(listRequests().sort()).toEqual([
      `DELETE /api/v1/threads/${former["removed"]}`,
      "POST /api/v1/threads",
      `POST /api/v1/threads/${former["changed"]}`,
    ]);
    expect(listKeys()).toEqual(["added", "changed", "plain", "same"]);
    expect(getState().threads?.["changed"]).toMatchObject({ id: former["changed"], metadata: { a: "2" } });
    expect(account.deleted).toEqual([former["removed"]]);
  });

  test("`retain` keeps the threads of removed members and of a removed set", async () => {
    await up({ acme: {}, globex: {} });
    const rotated = connectAccount(emulator.url, { DASHSCOPE_API_KEY: "sk-rotated" });
    await stack.up({ threads: { acme: {} }, retain: true }, rotated);
    expect(listKeys()).toEqual(["acme"]);
    // The rotated key reached no thread.
    expect(getState().__keys).toHaveLength(1);
    await stack.destroy(account);
    expect(emulator.threads()).toHaveLength(2);
  });

  test("a member that gets another key by its `adoptId` keeps its thread", async () => {
    await up({ acme: { metadata: { a: "1" } } });
    const adoptId = getId("acme");
    await up({ renamed: { adoptId, metadata: { a: "1" } } });
    expect(stack.state).toMatchObject({ ids: { renamed: adoptId } });
    expect(listKeys()).toEqual(["renamed"]);
    expect(listLive()).toEqual([adoptId]);
  });

  test("a key change that fails keeps the member under its former key", async () => {
    await up({ acme: {} });
    const adoptId = getId("acme");
    emulator.setFaults([refuse("retrieve")]);
    expect(await up({ renamed: { adoptId }, added: {} })).toMatchObject(incomplete);
    expect(stack.state).toMatchObject({ ids: { acme: adoptId }, __unfinished: ["acme"] });
  });

  test("the state and the derived inputs of an adopted member repeat its `adoptId`", async () => {
    const adoptId = await createThread(emulator, 0);
    await up({ mine: { adoptId } }, { protectMembers: true });
    const { state, inputs } = stack;
    await stack.refresh(account);
    expect(stack).toMatchObject({ state, inputs });
    expect(getState().threads?.["mine"]).toMatchObject({ id: adoptId, adoptId });
  });

  test("an adopted member stays claimed if the adoption fails", async () => {
    const adoptId = await createThread(emulator, 0);
    emulator.setFaults([refuse("update")]);
    await up({ mine: { adoptId, metadata: { a: "1" } } });
    expect(account.claims.isKept(adoptId, "")).toBe(true);
  });

  test("an adoption is refused if another record manages the thread, unless that one is redeclared", async () => {
    const adoptId = await createThread(emulator, 0);
    const claim = { ids: [adoptId], instance: "another" };
    account.claims.claim({ ...claim, kind: "recorded" });
    expect(await up({ mine: { adoptId } })).toHaveProperty("code", "DASHSCOPE_ERR_ADOPTION");
    expect(account.claims.isKept(adoptId, "another")).toBe(false);
    account.claims.claim({ ...claim, kind: "redeclared" });
    expect(await up({ mine: { adoptId } })).toBeUndefined();
    expect(account.claims.isKept(adoptId, "another")).toBe(true);
  });

  test("a set that was refreshed, and may no longer be declared, doesn't refuse an adoption", async () => {
    await up({ acme: {} });
    await stack.refresh(account);
    await stack.preview({ threads: { acme: {} } }, account);
    const adopting = new Stack(threadSetLifecycle);
    expect(await adopting.up({ threads: { mine: { adoptId: getId("acme") } } }, account)).toBeUndefined();
  });

  describe("a failure", () => {
    test("a partial failure records what was done, names members and is continued", async () => {
      const threads = nameMembers(12);
      emulator.setFaults([{ ...refuse("create", 400), times: 5 }]);
      const error = await up(threads);
      expect(error).toMatchObject(incomplete);
      expect(error?.message).toMatch(/^5 of 12 .*"t\d+".*"t\d+".*"t\d+".* 2 more /);
      expect(stack.state).toMatchObject({ __unfinished: [] });
      expect(emulator.threads()).toHaveLength(7);

      expect(await up(threads)).toBeUndefined();
      expect(listKeys()).toHaveLength(12);
      expect(stack.state).not.toHaveProperty("__unfinished");
      expect(emulator.threads()).toHaveLength(12);
    });

    test("a create or an update that did nothing fails with the code of its first member", async () => {
      emulator.setFaults([refuse("create", 400)]);
      expect(await up({ acme: {}, globex: {} })).toHaveProperty("code", "DASHSCOPE_ERR_REFUSED");
      expect(stack.isRecorded).toBe(false);

      emulator.setFaults([refuse("update", 400)]);
      await up({ acme: { metadata: { a: "1" } } });
      const { state } = stack;
      const error = await up({ acme: { metadata: { a: "2" } } });
      expect(error).toHaveProperty("code", "DASHSCOPE_ERR_REFUSED");
      expect(stack.state).toEqual(state);
    });

    test("after an update that failed, the next one reads the members whose steps failed, and no other", async () => {
      const globex = { metadata: { a: "1" } };
      const threads = { acme: globex, globex, same: {} };
      await up(threads);
      emulator.setFaults([{ kind: "dropAfter", verb: "update", times: 1 }]);
      await up({ ...threads, acme: { metadata: { a: "2" } } });
      expect(stack.state).toMatchObject({ __unfinished: ["acme"] });

      // The update worked, so that the member isn't as it's recorded.
      emulator.clearRequests();
      expect(await up(threads)).toBeUndefined();
      const path = `/api/v1/threads/${getId("acme")}`;
      expect(listRequests()).toEqual([`GET ${path}`, `POST ${path}`]);
      expect(stack.state).not.toHaveProperty("__unfinished");
    });

    test("every uncertain create is owned up to, and isn't repeated in the same update", async () => {
      emulator.setFaults([{ kind: "dropAfter", verb: "create" }]);
      const error = await up({ acme: {}, globex: {} });
      expect(error).toMatchObject(incomplete);
      expect(stack.state).toMatchObject({ ids: {}, threads: {}, __unfinished: [] });
      for (const key of ["acme", "globex"])
        expect(error?.message).toMatch(new RegExp(`"${key}" \\(sent at \\d{4}-`));
      expect(listRequests()).toHaveLength(2);
    });

    test("an answer that's cut short names the thread that it created", async () => {
      emulator.setFaults([{ kind: "truncate", verb: "create" }]);
      expect((await up({ acme: {} }))?.message).toContain(`\`${listLive()[0]}\``);
    });

    test("a failure of the whole account stops the update", async () => {
      emulator.setFaults([{ kind: "error", status: 401, code: "InvalidApiKey" }]);
      const error = await up(nameMembers(500));
      expect(error).toHaveProperty("code", "DASHSCOPE_ERR_AUTHENTICATION");
      expect(error?.message).toContain("484");
      expect(emulator.requests()).toHaveLength(16);
    });

    test("uncertain creates in a row stop the update, and those beyond 50 are told line by line", async () => {
      emulator.setFaults([{ kind: "dropAfter", verb: "create" }]);
      account = connectAccount(emulator.url, { DASHSCOPE_MAX_CONCURRENCY: "60" });
      const error = await up(nameMembers(500));
      const { length } = listLive();
      expect(length).toBeLessThan(100);
      expect(length).toBeGreaterThan(50);
      const told = [error?.message, ...account.notices].join("\n");
      expect(told.match(/"t\d+" \(sent at/g)).toHaveLength(length);
    });

    test("failures that aren't in a row don't stop the update", async () => {
      const { client, ...fake } = buildAccount();
      client.decideFate = () => (client.calls.length % 2 === 0 ? "is lost before the work" : "works");
      await new Stack(threadSetLifecycle).up({ threads: nameMembers(100) }, fake);
      expect(client.calls).toHaveLength(100);
    });

    test("a failed delete keeps its member", async () => {
      await up({ acme: { metadata: { a: "1" } }, globex: {} });
      emulator.setFaults([refuse("delete")]);
      expect(await up({ added: {} })).toMatchObject(incomplete);
      expect(listKeys()).toEqual(["acme", "added", "globex"]);
      expect([...(getState().__metadataUndeclared ?? [])].sort()).toEqual(["added", "globex"]);
    });

    test("a member that's gone is dropped by an update, which fails and names it", async () => {
      await up({ acme: { metadata: { a: "1" } }, globex: {} });
      await drop("acme");
      const error = await up({ acme: { metadata: { a: "2" } }, globex: {} });
      expect(error).toMatchObject(incomplete);
      expect(error?.message).toContain('"acme"');
      expect(listKeys()).toEqual(["globex"]);
    });

    test("DashScope's own view of the metadata is recorded if it differs from what was sent", async () => {
      await open({ metadataUpdate: "merge" });
      await up({ acme: { metadata: { a: "1" } } });
      const error = await up({ acme: { metadata: { b: "2" } } });
      expect(error).toMatchObject(incomplete);
      expect(error?.message).toContain("`a`");
      expect(getState().threads?.["acme"]?.metadata).toEqual({ a: "1", b: "2" });
    });
  });

  test("a refresh reports drift for each member, and drops one that's gone", async () => {
    const same = { metadata: { a: "1" } };
    const threads = { same, drifted: same, gone: {}, plain: {} };
    await up(threads);
    const gone = getId("gone");
    await post(`${emulator.url}/threads/${getId("drifted")}`, { metadata: { a: "2" } });
    await drop("gone");
    await stack.refresh(account);
    expect(stack.inputs).toEqual({
      baseUrl: emulator.url,
      threads: { same, drifted: { metadata: { a: "2" } }, plain: {} },
    });
    expect(account.deleted).toEqual([gone]);
    expect(await up(threads)).toBeUndefined();
    expect(listKeys()).toEqual(["drifted", "gone", "plain", "same"]);
  });

  test("a refresh or a delete that fails for a member fails and names it, and succeeds the next time", async () => {
    await up({ acme: {}, globex: {} });
    emulator.setFaults([{ ...refuse("retrieve"), times: 1 }]);
    const refresh = await catchError(stack.refresh(account), DashScopeError);
    expect(refresh).toHaveProperty("code", "DASHSCOPE_ERR_SERVICE");
    expect(refresh.message).toMatch(/^1 of 2 .*"(acme|globex)"/);

    emulator.setFaults([{ ...refuse("delete"), times: 1 }]);
    const destroy = await catchError(stack.destroy(account), DashScopeError);
    expect(destroy.message).toMatch(/^1 of 2 .*"(acme|globex)"/);
    await stack.destroy(account);
    expect(listLive()).toEqual([]);
  });

  test("a refresh believes another key of the account only if it reaches a member", async () => {
    await up({ acme: {}, gone: {} });
    await drop("gone");
    const rotated = connectAccount(emulator.url, { DASHSCOPE_API_KEY: "sk-rotated" });
    const { id, state } = stack;
    const read = await threadSetLifecycle.read(id, state, rotated);
    expect(Object.keys(read?.state.ids ?? {})).toEqual(["acme"]);
    expect(read?.state.__keys).toHaveLength(2);

    await drop("acme");
    const doubtful = await catchError(threadSetLifecycle.read(id, state, rotated), DashScopeError);
    expect(doubtful).toHaveProperty("code", new AccountError("").code);
    await stack.refresh(account);
    expect(stack.state).toMatchObject({ ids: {}, threads: {}, __keys: getState().__keys });
  });

  test("a delete removes all members, also one that's gone, but none that another record adopted", async () => {
    await up({ acme: {}, globex: {}, gone: {} });
    await drop("gone");
    account.claims.claim({ ids: [getId("acme")], instance: "another", kind: "adopted" });
    const acme = getId("acme");
    await stack.destroy(account);
    expect(listLive()).toEqual([acme]);
  });
});

describe("`predict` of a set", () => {
  const state = {
    ids: { acme: "thread_1", gone: "thread_2" },
    threads: {
      acme: { id: "thread_1", createdAt: 7, metadata: { plan: "gold" } },
      gone: { id: "thread_2", metadata: {} },
    },
  };

  test("an update knows the threads that stay, and the IDs that are adopted", () => {
    const threads = { acme: { metadata: { plan: "silver" } }, created: {}, adopted: { adoptId: "thread_9" } };
    const predicted = threadSetLifecycle.predict({ threads }, state);
    expect(predicted["ids"]).toEqual({ acme: "thread_1", created: unknown, adopted: "thread_9" });
    expect(predicted["threads"]).toEqual({
      acme: { id: "thread_1", createdAt: 7, metadata: { plan: "silver" } },
      created: { id: unknown, createdAt: unknown, metadata: {} },
      adopted: { id: "thread_9", createdAt: unknown, metadata: unknown, adoptId: "thread_9" },
    });
  });

  test("threads that aren't known yet make the IDs unknown", () => {
    const given: Record<string, unknown> = { threads: unknown };
    expect(threadSetLifecycle.predict(given, state)).toMatchObject({ ids: unknown, threads: unknown });
  });
});
