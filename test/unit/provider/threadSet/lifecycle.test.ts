import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "dashscope-emulator";
import { IncompleteError } from "../../../../provider/src/resource/errors";
import type { Account } from "../../../../provider/src/resource/lifecycle";
import { unknown } from "../../../../provider/src/resource/unknown";
import { threadSetLifecycle } from "../../../../provider/src/threadSet/lifecycle";
import type { ThreadSetInputs, ThreadSetState } from "../../../../provider/src/threadSet/schema";
import { createAccount, type TestAccount } from "./serverAccount";

let emulator: Emulator;
let account: TestAccount;

beforeEach(async () => {
  emulator = await startEmulator();
  account = createAccount(emulator.url);
});
afterEach(() => emulator.close());

const message = { role: "user" as const, content: "Hello" };
const setId = "threadset_1";

/** A state with one member. */
const state: ThreadSetState = {
  baseUrl: "https://dashscope.aliyuncs.com/api/v1",
  ids: { acme: "thread_1" },
  threads: { acme: { id: "thread_1", createdAt: 1, metadata: { plan: "gold" }, messages: [message] } },
  __keys: ["0123456789"],
  __instance: "one",
};

async function check(news: unknown, olds: Partial<ThreadSetInputs> = {}, as: Account = account) {
  const { inputs, problems } = await threadSetLifecycle.check(olds, news, as);
  if (inputs === undefined) throw new Error(problems.join("\n"));
  return inputs;
}

async function create(threads: ThreadSetInputs["threads"], as: Account = account) {
  const inputs = await check({ threads }, {}, as);
  return { inputs, ...(await threadSetLifecycle.create(inputs, as)) };
}

async function findFailure(operation: Promise<unknown>): Promise<Error> {
  const result = await operation.catch((error: unknown) => error);
  if (result instanceof Error) return result;
  throw new Error("The operation didn't fail.");
}

async function findIncomplete(operation: Promise<unknown>): Promise<IncompleteError> {
  const error = await findFailure(operation);
  if (error instanceof IncompleteError) return error;
  throw new Error("The error isn't an IncompleteError.", { cause: error });
}

function countRequests(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { method } of emulator.requests()) counts[method] = (counts[method] ?? 0) + 1;
  return counts;
}

describe("`check`", () => {
  test.each<[string, unknown, string]>([
    ["no threads", {}, "`threads` must be an object with one thread for each key, but it's missing."],
    ["threads that are null", { threads: null }, "`threads` must be an object with one thread for each key"],
    ["a member that is null", { threads: { acme: null } }, "`threads.acme` must be an object such as"],
    ["an array", { threads: [] }, "`threads` must be an object with one thread for each key, such as"],
    ["an unknown argument", { threads: {}, protect: true }, "`protect` isn't an argument of a `ThreadSet`"],
    [
      "an unknown argument of a member",
      { threads: { acme: { labels: {} } } },
      "`threads.acme.labels` isn't an argument of a thread of a `ThreadSet`",
    ],
    [
      "a wrong role",
      { threads: { acme: { messages: [{ role: "bot", content: "secret-value" }] } } },
      '`threads.acme.messages[0].role` must be "user" or "assistant"',
    ],
    ["a hidden key", { threads: { __acme: {} } }, "A key of `threads` must be a string that isn't empty"],
    [
      "messages of an adopted thread",
      { threads: { acme: { adoptId: "thread_1", messages: [message] } } },
      '`threads` sets both `adoptId` and `messages` for "acme"',
    ],
    [
      "the same adoptId twice",
      { threads: { acme: { adoptId: "thread_1" }, globex: { adoptId: "thread_1" } } },
      '`threads` sets the same `adoptId` thread_1 for "acme" and "globex". Remove one of them.',
    ],
    ["a wrong flag", { threads: {}, retain: "yes" }, "`retain` must be true or false, but it's a string."],
    [
      "the endpoint as an argument",
      { threads: {}, baseUrl: "https://example.com" },
      "`baseUrl` isn't an argument",
    ],
  ])("rejects %s", async (_, given, problem) => {
    const { inputs, problems } = await threadSetLifecycle.check({}, given, account);
    expect(inputs).toBeUndefined();
    expect(problems.join("\n")).toContain(problem);
    expect(problems.join("\n")).not.toContain("secret-value");
  });

  test("names the first ten problems and counts the others", async () => {
    const threads = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`t${at}`, { metadata: 1 }]));
    const { problems } = await threadSetLifecycle.check({}, { threads }, account);
    expect(problems).toHaveLength(11);
    expect(problems.at(-1)).toBe("20 more arguments are wrong.");
  });

  test("adds the endpoint and leaves out what isn't set", async () => {
    const given = {
      threads: { acme: { metadata: null, adoptId: "", messages: [{ ...message, fileIds: [] }] } },
    };
    expect(await check({ ...given, workspace: "", retain: null })).toEqual({
      threads: { acme: { messages: [message] } },
      baseUrl: emulator.url,
    });
  });

  test("clears the metadata that the program removed from a member", async () => {
    const inputs = await check(
      { threads: { acme: {}, globex: {} } },
      { threads: { acme: { metadata: {} } } },
    );
    expect(inputs.threads).toEqual({ acme: { metadata: {} }, globex: {} });
  });

  test.each([
    ["the whole map", { threads: unknown }],
    ["a member", { threads: { acme: unknown } }],
    ["a metadata value", { threads: { acme: { metadata: { plan: unknown } } } }],
    ["a message", { threads: { acme: { messages: [{ role: "user", content: unknown }] } } }],
    ["an adoptId", { threads: { acme: { adoptId: unknown }, globex: { adoptId: unknown } } }],
    ["a flag", { threads: {}, retain: unknown }],
  ])("accepts %s that isn't known yet", async (_, given) => {
    expect(await check(given)).toMatchObject(given);
    expect(emulator.requests()).toEqual([]);
  });

  test("rejects a set whose state could exceed 8 MB", async () => {
    const content = "x".repeat(8_000);
    const threads = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [`t${at}`, { messages: [{ ...message, content }] }]),
    );
    const { problems } = await threadSetLifecycle.check({}, { threads }, account);
    expect(problems).toEqual([
      "The state of the 1000 members could take 8.3 MB, but Pulumi can record at most 8 MB after a partial failure. Split the set into several.",
    ]);
  });

  test("rejects an adoption of a thread that doesn't exist", async () => {
    const given = { threads: { acme: { adoptId: "thread_1" } } };
    const { problems } = await threadSetLifecycle.check({}, given, account);
    expect(problems[0]).toContain("`threads.acme`: `adoptId` names thread_1, which doesn't exist at");
  });

  test("says what the adoptions remove, and reads each thread once", async () => {
    const { state: first } = await create({ acme: { metadata: { plan: "gold", old: "1" } } });
    const given = { threads: { acme: { adoptId: first.ids?.["acme"], metadata: { plan: "gold" } } } };
    await check(given);
    await check(given);
    expect(account.lines).toContain(
      "info: This adopts a thread. If another record manages one, set `retainOnDelete` on that record first.",
    );
    expect(account.lines.join("\n")).toMatch(
      /The adoption of the thread thread_\S+ removes its metadata keys `old`\./,
    );
    expect(countRequests()).toEqual({ POST: 1, GET: 1 });
  });
});

describe("`diff`", () => {
  const inputs: ThreadSetInputs = {
    baseUrl: "https://dashscope.aliyuncs.com/api/v1",
    threads: { acme: { metadata: { plan: "gold" }, messages: [{ ...message, fileIds: [] }] } },
  };
  const diff = (news: ThreadSetInputs, of: ThreadSetState = state) =>
    threadSetLifecycle.diff(setId, of, news, account);

  test("finds no change in equal members", () => {
    expect(diff(inputs)).toEqual({ changed: false, replaces: [] });
    expect(diff({ ...inputs, protectMembers: false, retain: false }).changed).toBe(false);
  });

  test.each<[string, ThreadSetInputs]>([
    [
      "another metadata value",
      { ...inputs, threads: { acme: { messages: [message], metadata: { plan: "free" } } } },
    ],
    ["another member", { ...inputs, threads: { ...inputs.threads, globex: {} } }],
    ["a removed member", { ...inputs, threads: {} }],
    ["a flag", { ...inputs, retain: true }],
  ])("finds %s", (_, news) => {
    expect(diff(news)).toEqual({ changed: true, replaces: [] });
  });

  test("reports unfinished work as a change", () => {
    expect(diff(inputs, { ...state, __unfinished: [] }).changed).toBe(true);
    diff({ ...inputs, threads: { ...inputs.threads, globex: {} } }, { ...state, __unfinished: [] });
    expect(account.lines).toEqual(['info: This continues the last update: it creates "globex".']);
  });

  test("refuses other messages and another adoptId of an existing member", () => {
    const changed = {
      acme: { metadata: { plan: "gold" }, messages: [{ ...message, content: "secret-value" }] },
    };
    expect(() => diff({ ...inputs, threads: changed })).toThrow(
      'The `messages` of the member "acme" differ from those that its thread was created with, and the API can\'t change them. Declare the member under another key to create another thread. [DASHSCOPE_ERR_CONFIGURATION]',
    );
    const adopted = { acme: { messages: [message], adoptId: "thread_2" } };
    expect(() => diff({ ...inputs, threads: adopted })).toThrow(
      'The `adoptId` of the member "acme" names thread_2',
    );
  });

  test("refuses removals and a replacement if `protectMembers` is set", () => {
    expect(() => diff({ ...inputs, threads: {}, protectMembers: true })).toThrow(
      '`protectMembers` is set, but this update removes "acme". To remove members, set `protectMembers` to false first.',
    );
    expect(() => diff({ ...inputs, workspace: "llm-2", protectMembers: true })).toThrow(
      "`protectMembers` is set, but a change of `workspace` replaces the set",
    );
  });

  test("replaces the set if the endpoint or the workspace moves", () => {
    expect(diff({ ...inputs, workspace: "llm-2" })).toEqual({ changed: true, replaces: ["workspace"] });
    const elsewhere = { ...inputs, baseUrl: "https://dashscope-intl.aliyuncs.com/api/v1" };
    expect(diff(elsewhere)).toEqual({ changed: true, replaces: ["baseUrl"] });
  });

  test("moves the record in place if every member is declared with its own ID", () => {
    const news = { ...inputs, workspace: "llm-2", threads: { acme: { adoptId: "thread_1" } } };
    expect(() => diff(news)).toThrow("messages");
    const plain = { ...state, threads: { acme: { id: "thread_1", metadata: {} } } };
    expect(diff(news, plain)).toEqual({ changed: true, replaces: [] });
  });

  test("claims all remaining members in one call, and no removed one", () => {
    diff({ ...inputs, threads: {} });
    expect(account.claims.calls).toEqual([]);
    const two = { ...state, threads: { ...state.threads, globex: { id: "thread_2", metadata: {} } } };
    diff({ ...inputs, threads: { ...inputs.threads, globex: {} } }, two);
    expect(account.claims.calls).toEqual([
      { ids: ["thread_1", "thread_2"], instance: "one", kind: "recorded" },
    ]);
  });

  test("refuses a thread that another declared record manages", () => {
    account.claims.claim({ ids: ["thread_1"], instance: "two", kind: "recorded" });
    expect(() => diff(inputs)).toThrow("Another resource of this program manages the thread thread_1.");
  });

  test("says that removals delete threads", () => {
    diff({ ...inputs, threads: {} });
    diff({ ...inputs, threads: {}, retain: true });
    expect(account.lines).toEqual([
      'warning: This deletes the threads of "acme", and their conversations. To keep them, set `retain`.',
      'info: The threads of "acme" are no longer managed. `retain` keeps them.',
    ]);
  });

  test.each<[string, unknown]>([
    ["the whole map", { threads: unknown }],
    ["a member", { threads: { acme: unknown } }],
    ["metadata", { threads: { acme: { messages: [message], metadata: { plan: unknown } } } }],
  ])("reports a change if %s isn't known yet", async (_, given) => {
    const { baseUrl } = inputs;
    const news = await check({ ...Object(given), baseUrl }, inputs);
    expect(diff(news)).toEqual({ changed: true, replaces: [] });
    expect(account.lines).toEqual([]);
  });
});

describe("create, update, read and delete", () => {
  test("a create sends one request for each member and records everything", async () => {
    const { id, state } = await create({
      acme: { metadata: { plan: "gold" } },
      globex: { messages: [message] },
    });
    expect(id).toMatch(/^threadset_[0-9a-f-]{36}$/);
    expect(countRequests()).toEqual({ POST: 2 });
    const ids = state.ids ?? {};
    expect(state).toEqual({
      baseUrl: emulator.url,
      ids: { acme: expect.stringMatching(/^thread_/), globex: expect.stringMatching(/^thread_/) },
      threads: {
        acme: { id: ids["acme"], createdAt: expect.any(Number), metadata: { plan: "gold" } },
        globex: { id: ids["globex"], createdAt: expect.any(Number), metadata: {}, messages: [message] },
      },
      __metadataUndeclared: ["globex"],
      __keys: [expect.stringMatching(/^[0-9a-f]{10}$/)],
      __instance: expect.any(String),
    });
  });

  test("an update touches only the members that differ", async () => {
    const threads = {
      same: { metadata: { a: "1" } },
      changed: { metadata: { a: "1" } },
      removed: {},
      plain: {},
    };
    const { id, state } = await create(threads);
    emulator.clearRequests();
    const news = await check({
      threads: { same: threads.same, changed: { metadata: { a: "2" } }, plain: {}, added: {} },
    });
    const next = await threadSetLifecycle.update(id, state, news, account);
    const ids = state.ids ?? {};
    expect(
      emulator
        .requests()
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    ).toEqual(
      [
        `DELETE /api/v1/threads/${ids["removed"]}`,
        "POST /api/v1/threads",
        `POST /api/v1/threads/${ids["changed"]}`,
      ].sort(),
    );
    expect(Object.keys(next.ids ?? {}).sort()).toEqual(["added", "changed", "plain", "same"]);
    expect(next.threads?.["changed"]).toMatchObject({ id: ids["changed"], metadata: { a: "2" } });
    expect(account.deleted).toEqual([ids["removed"]]);
    expect(threadSetLifecycle.diff(id, next, news, account).changed).toBe(false);
  });

  test("`retain` keeps the threads of removed members and of a removed set", async () => {
    const { id, state } = await create({ acme: {}, globex: {} });
    const news = await check({ threads: { acme: {} }, retain: true });
    const next = await threadSetLifecycle.update(id, state, news, account);
    expect(Object.keys(next.ids ?? {})).toEqual(["acme"]);
    await threadSetLifecycle.delete(id, next, account);
    expect(emulator.threads()).toHaveLength(2);
  });

  test("a member that gets another key by its adoptId keeps its thread", async () => {
    const { id, state } = await create({ acme: { metadata: { a: "1" } } });
    const adoptId = state.ids?.["acme"] ?? "";
    const news = await check({ threads: { renamed: { adoptId, metadata: { a: "1" } } } });
    const next = await threadSetLifecycle.update(id, state, news, account);
    expect(next.ids).toEqual({ renamed: adoptId });
    expect(emulator.threads()).toMatchObject([{ id: adoptId }]);

    const both = { threads: { renamed: { adoptId }, again: { adoptId: `${adoptId}` } } };
    const { problems } = await threadSetLifecycle.check({}, both, account);
    expect(problems[0]).toContain("the same `adoptId`");
  });

  test("a key change that fails keeps the member under its former key", async () => {
    const { id, state } = await create({ acme: {} });
    const adoptId = state.ids?.["acme"] ?? "";
    const news = await check({ threads: { renamed: { adoptId }, added: {} } });
    emulator.setFaults([{ kind: "error", status: 500, verb: "retrieve" }]);
    const { state: next } = await findIncomplete(threadSetLifecycle.update(id, state, news, account));
    expect(next).toMatchObject({ ids: { acme: adoptId }, __unfinished: ["acme"] });
  });

  test("after an update that failed, the next one reads the members whose steps failed, and no other", async () => {
    const threads = { acme: { metadata: { a: "1" } }, globex: { metadata: { a: "1" } }, same: {} };
    const { id, state } = await create(threads);
    emulator.setFaults([{ kind: "dropAfter", verb: "update", times: 1 }]);
    const news = await check({ threads: { ...threads, acme: { metadata: { a: "2" } } } });
    const error = await findIncomplete(threadSetLifecycle.update(id, state, news, account));
    expect(error.state).toMatchObject({ __unfinished: ["acme"] });

    // The update worked, so that the member isn't as it's recorded.
    emulator.clearRequests();
    const back = await check({ threads });
    const next = await threadSetLifecycle.update(id, error.state, back, account);
    expect(countRequests()).toEqual({ GET: 1, POST: 1 });
    expect(next).not.toHaveProperty("__unfinished");
    expect(emulator.threads().map(({ metadata }) => metadata)).toEqual(
      expect.arrayContaining([{ a: "1" }, { a: "1" }, {}]),
    );
  });

  test("a partial failure records what was done, names the members and is continued", async () => {
    const threads = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`t${at}`, { metadata: { a: "1" } }]),
    );
    emulator.setFaults([{ kind: "error", status: 400, code: "InvalidParameter", verb: "create", times: 5 }]);
    const error = await findIncomplete(create(threads));
    expect(error.message).toMatch(
      /^5 of 12 threads of the set failed\. "t\d+": Could not create a thread at .*\. 2 more failed\. What was done is recorded\. Run `pulumi up` again to continue with the rest\. \[DASHSCOPE_ERR_INCOMPLETE\]$/,
    );
    expect(error.state).toMatchObject({ __unfinished: [] });
    expect(emulator.threads()).toHaveLength(7);

    const news = await check({ threads });
    const next = await threadSetLifecycle.update(error.id, error.state, news, account);
    expect(Object.keys(next.ids ?? {})).toHaveLength(12);
    expect(next).not.toHaveProperty("__unfinished");
    expect(emulator.threads()).toHaveLength(12);
  });

  test("a create of which nothing came is a plain error", async () => {
    emulator.setFaults([{ kind: "error", status: 400, verb: "create" }]);
    const error = await findFailure(create({ acme: {}, globex: {} }));
    expect(error).not.toBeInstanceOf(IncompleteError);
    expect(error.message).toMatch(/^2 of 2 threads of the set failed\./);
    expect(error.message).toContain("[DASHSCOPE_ERR_REFUSED]");
  });

  test("every uncertain create is owned up to, and isn't repeated in the same update", async () => {
    emulator.setFaults([{ kind: "dropAfter", verb: "create" }]);
    const error = await findIncomplete(create({ acme: {}, globex: {} }));
    expect(error.state).toMatchObject({ ids: {}, threads: {}, __unfinished: [] });
    for (const key of ["acme", "globex"])
      expect(error.message).toMatch(new RegExp(`"${key}" \\(sent at \\d{4}-`));
    expect(error.message).toContain("DashScope may have created a thread that nothing refers to");
    expect(countRequests()).toEqual({ POST: 2 });
  });

  test("an answer that's cut short names the thread that it created", async () => {
    emulator.setFaults([{ kind: "truncate", verb: "create" }]);
    const error = await findIncomplete(create({ acme: {} }));
    expect(error.message).toContain(`created \`${emulator.threads()[0]?.id}\``);
  });

  test("a failure of the whole account stops the update", async () => {
    emulator.setFaults([{ kind: "error", status: 401, code: "InvalidApiKey" }]);
    const threads = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`t${at}`, {}]));
    const error = await findFailure(create(threads));
    expect(error.message).toContain(
      "The provider didn't try the other 484, because they would fail in the same way.",
    );
    expect(emulator.requests()).toHaveLength(16);
  });

  test("uncertain creates in a row stop the update", async () => {
    emulator.setFaults([{ kind: "dropAfter", verb: "create" }]);
    const threads = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`t${at}`, {}]));
    const error = await findIncomplete(create(threads));
    const { length } = emulator.threads();
    expect(length).toBeLessThan(50);
    expect(error.message.match(/"t\d+" \(sent at/g)).toHaveLength(length);
  });

  test("a failed delete keeps its member", async () => {
    const { id, state } = await create({ acme: { metadata: { a: "1" } }, globex: {} });
    emulator.setFaults([{ kind: "error", status: 500, verb: "delete" }]);
    const news = await check({ threads: { added: {} } });
    const { state: next } = await findIncomplete(threadSetLifecycle.update(id, state, news, account));
    expect(Object.keys(Object(next).ids).sort()).toEqual(["acme", "added", "globex"]);
    expect(Object(next).__metadataUndeclared.sort()).toEqual(["added", "globex"]);
  });

  test("a refresh reports drift for each member and drops one that's gone", async () => {
    const threads = {
      same: { metadata: { a: "1" } },
      drifted: { metadata: { a: "1" } },
      gone: {},
      plain: {},
    };
    const { id, state } = await create(threads);
    const client = await account.getClient();
    const endpoint = { baseUrl: emulator.url };
    const { threads: remote } = await import("../../../../provider/src/thread/endpoints");
    await remote.update(client, endpoint, state.ids?.["drifted"] ?? "", { a: "2" });
    await remote.delete(client, endpoint, state.ids?.["gone"] ?? "");

    const read = await threadSetLifecycle.read(id, state, account);
    expect(read?.inputs).toEqual({
      baseUrl: emulator.url,
      threads: { same: { metadata: { a: "1" } }, drifted: { metadata: { a: "2" } }, plain: {} },
    });
    expect(account.deleted).toEqual([state.ids?.["gone"]]);

    const next = await threadSetLifecycle.update(id, read?.state ?? {}, await check({ threads }), account);
    expect(Object.keys(next.ids ?? {}).sort()).toEqual(["drifted", "gone", "plain", "same"]);
    expect(emulator.threads().map(({ metadata }) => metadata)).toEqual(
      expect.arrayContaining([{ a: "1" }, { a: "1" }, {}, {}]),
    );
  });

  test("a refresh that fails for a member fails and names it", async () => {
    const { id, state } = await create({ acme: {} });
    emulator.setFaults([{ kind: "error", status: 500, verb: "retrieve" }]);
    await expect(threadSetLifecycle.read(id, state, account)).rejects.toThrow(
      '1 of 1 threads of the set failed. "acme": Could not read thread',
    );
  });

  test("a refresh believes another key of the account only if it reaches a member", async () => {
    const { id, state } = await create({ acme: {}, gone: {} });
    const client = await account.getClient();
    const { threads: remote } = await import("../../../../provider/src/thread/endpoints");
    await remote.delete(client, { baseUrl: emulator.url }, state.ids?.["gone"] ?? "");

    const rotated = createAccount(emulator.url, { DASHSCOPE_API_KEY: "sk-rotated" });
    const read = await threadSetLifecycle.read(id, state, rotated);
    expect(Object.keys(read?.state.ids ?? {})).toEqual(["acme"]);
    expect(read?.state.__keys).toHaveLength(2);

    await remote.delete(client, { baseUrl: emulator.url }, state.ids?.["acme"] ?? "");
    await expect(threadSetLifecycle.read(id, state, rotated)).rejects.toThrow("DASHSCOPE_ERR_ACCOUNT");
    const { state: empty } = (await threadSetLifecycle.read(id, state, account)) ?? {};
    expect(empty).toMatchObject({ ids: {}, threads: {} });
  });

  test("a delete removes all members, also one that's gone, but none that another record adopted", async () => {
    const { id, state } = await create({ acme: {}, globex: {}, gone: {} });
    const client = await account.getClient();
    const { threads: remote } = await import("../../../../provider/src/thread/endpoints");
    await remote.delete(client, { baseUrl: emulator.url }, state.ids?.["gone"] ?? "");
    const adopted = state.ids?.["acme"] ?? "";
    account.claims.claim({ ids: [adopted], instance: "another", kind: "adopted" });
    await threadSetLifecycle.delete(id, state, account);
    expect(emulator.threads()).toMatchObject([{ id: adopted }]);
  });

  test("a delete that fails for a member names it and succeeds the next time", async () => {
    const { id, state } = await create({ acme: {}, globex: {} });
    emulator.setFaults([{ kind: "error", status: 500, verb: "delete", times: 1 }]);
    await expect(threadSetLifecycle.delete(id, state, account)).rejects.toThrow(
      "1 of 2 threads of the set failed.",
    );
    await threadSetLifecycle.delete(id, state, account);
    expect(emulator.threads()).toEqual([]);
  });

  test("an update of a member that's gone drops it and says so", async () => {
    const { id, state } = await create({ acme: { metadata: { a: "1" } }, globex: {} });
    const client = await account.getClient();
    const { threads: remote } = await import("../../../../provider/src/thread/endpoints");
    await remote.delete(client, { baseUrl: emulator.url }, state.ids?.["acme"] ?? "");
    const news = await check({ threads: { acme: { metadata: { a: "2" } }, globex: {} } });
    const error = await findIncomplete(threadSetLifecycle.update(id, state, news, account));
    expect(error.message).toContain('"acme": The thread thread_');
    expect(Object.keys(Object(error.state).ids)).toEqual(["globex"]);
  });

  test("an adopted member stays claimed if the adoption fails, and is refused if another record manages it", async () => {
    const { state: other } = await create({ acme: {} });
    const adoptId = other.ids?.["acme"] ?? "";
    const news = await check({ threads: { mine: { adoptId, metadata: { a: "1" } } } });
    emulator.setFaults([{ kind: "error", status: 500, verb: "update", times: 1 }]);
    await findFailure(threadSetLifecycle.create(news, account));
    expect(account.claims.isKept(adoptId, "")).toBe(true);

    account = createAccount(emulator.url);
    account.claims.claim({ ids: [adoptId], instance: "another", kind: "recorded" });
    await expect(threadSetLifecycle.create(news, account)).rejects.toThrow(
      "Another resource of this program",
    );
    account.claims.claim({ ids: [adoptId], instance: "another", kind: "redeclared" });
    const { state } = await threadSetLifecycle.create(news, account);
    expect(state.threads?.["mine"]).toMatchObject({ id: adoptId, adoptId, metadata: { a: "1" } });
    expect(account.claims.isKept(adoptId, "another")).toBe(true);
  });

  test("the state and the derived inputs of an adopted member repeat its adoptId", async () => {
    const { state: other } = await create({ acme: {} });
    const adoptId = other.ids?.["acme"] ?? "";
    const news = await check({ threads: { mine: { adoptId } }, protectMembers: true });
    const { id, state } = await threadSetLifecycle.create(news, account);
    const read = await threadSetLifecycle.read(id, state, account);
    expect(read?.inputs).toEqual(news);
    expect(read?.state).toEqual(state);
  });

  test("DashScope's own view of the metadata is recorded if it differs from what was sent", async () => {
    await emulator.close();
    emulator = await startEmulator({ metadataUpdate: "merge" });
    account = createAccount(emulator.url);
    const { id, state } = await create({ acme: { metadata: { a: "1" } } });
    const news = await check({ threads: { acme: { metadata: { b: "2" } } } });
    const error = await findIncomplete(threadSetLifecycle.update(id, state, news, account));
    expect(error.message).toContain("DashScope kept the metadata keys `a`, which this update removes.");
    expect(Object(error.state).threads.acme.metadata).toEqual({ a: "1", b: "2" });
  });

  test("an update after which nothing changed is a plain error", async () => {
    const { id, state } = await create({ acme: { metadata: { a: "1" } } });
    emulator.setFaults([{ kind: "error", status: 400, verb: "update" }]);
    const news = await check({ threads: { acme: { metadata: { a: "2" } } } });
    const error = await findFailure(threadSetLifecycle.update(id, state, news, account));
    expect(error).not.toBeInstanceOf(IncompleteError);
  });
});

describe("predict", () => {
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
