import { describe, expect, test } from "@jest/globals";
import type { Emulator, Fault } from "dashscope-emulator";
import { conversationLifecycle as lifecycle } from "../../../../provider/src/conversation/lifecycle";
import type { ConversationInputs, ConversationState } from "../../../../provider/src/conversation/schema";
import {
  CreateUncertainError,
  DashScopeError,
  RequestError,
} from "../../../../provider/src/dashscope/errors";
import { AccountError, AdoptionError, IncompleteError } from "../../../../provider/src/resource/errors";
import type { Recorded } from "../../../../provider/src/resource/lifecycle";
import { catchError } from "../testServer";
import { createAccount, type TestAccount } from "../threadSet/serverAccount";
import { addMessages, createThread, listContents, openEmulator, post, remove } from "./emulatedAccount";

const number = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `Message ${from + index}`);
const buildItems = (from: number, to: number) =>
  number(from, to).map((content) => ({ role: "user" as const, content }));

/** Runs a program's declaration through `check`, as the engine does. */
async function check(olds: Partial<ConversationInputs>, given: object, account: TestAccount) {
  const { inputs, problems } = await lifecycle.check(olds, given, account);
  if (inputs === undefined) throw new Error(problems.join(" "));
  return inputs;
}

async function create(given: object, account: TestAccount): Promise<Recorded<ConversationState>> {
  return lifecycle.create(await check({}, given, account), account);
}

/** Creates a conversation whose creation is interrupted by a fault. */
async function interrupt(given: object, account: TestAccount, emulator: Emulator, fault: Fault) {
  const inputs = await check({}, given, account);
  emulator.setFaults([fault]);
  const error = await catchError(lifecycle.create(inputs, account), IncompleteError);
  emulator.setFaults([]);
  const state: ConversationState = error.state;
  return { id: error.id, state, inputs, error };
}

function countRequests(emulator: Emulator, request: RegExp): number {
  return emulator.requests().filter(({ method, path }) => request.test(`${method} ${path}`)).length;
}

describe("check", () => {
  test("`check` adds the endpoint of the Conversations API and sends nothing", async () => {
    const emulator = await openEmulator();
    const inputs = await check({}, { metadata: { a: "b" }, items: null }, createAccount(emulator.url));
    expect(inputs).toEqual({ metadata: { a: "b" }, baseUrl: emulator.compatibleUrl });
    expect(emulator.requests()).toEqual([]);
  });

  test("`check` names what a thread's metadata has too much, or a missing thread", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const fromThread = await createThread(emulator, 1, { long: "x".repeat(513) });
    const { problems } = await lifecycle.check({}, { fromThread }, account);
    expect(problems).toEqual([expect.stringMatching(/`fromThread`.*`metadata.long`.*512.*Set `metadata`/)]);
    expect((await lifecycle.check({}, { fromThread, metadata: { a: "b" } }, account)).problems).toEqual([]);
    const missing = await lifecycle.check({}, { fromThread: "thread_none" }, account);
    expect(missing.problems).toEqual([expect.stringMatching(/thread_none.*\[DASHSCOPE_ERR_MISSING\]$/)]);
  });

  test("the preview says once how many messages are copied, and that older ones aren't", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const [few, many] = [await createThread(emulator, 3), await createThread(emulator, 101)];
    await check({}, { fromThread: few }, account);
    await check({}, { fromThread: many }, account);
    const before = emulator.requests().length;
    await check({}, { fromThread: many }, account);
    expect(emulator.requests()).toHaveLength(before);
    expect(account.lines.slice(0, 2)).toEqual([
      `info: This copies 3 messages of the thread ${few}.`,
      `info: This copies the newest 100 messages of the thread ${many}. It leaves out the older messages. \`npx pulumi-dashscope transcript ${many}\` archives everything.`,
    ]);
  });

  test("a thread that can't be verified is a warning", async () => {
    const emulator = await openEmulator({ faults: [{ kind: "error", status: 500 }] });
    const account = createAccount(emulator.url);
    await check({}, { fromThread: "thread_1" }, account);
    expect(account.lines).toEqual([expect.stringMatching(/^warning: .*`fromThread`/)]);
  });

  test("a recorded `fromThread` isn't verified again, so the thread may go", async () => {
    const emulator = await openEmulator();
    await check({ fromThread: "thread_1" }, { fromThread: "thread_1" }, createAccount(emulator.url));
    expect(emulator.requests()).toEqual([]);
  });
});

describe("diff", () => {
  const endpoint = { baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1" };
  const items = buildItems(1, 1);
  const state: ConversationState = { ...endpoint, items, metadata: { a: "1" }, __instance: "i", __keys: [] };
  const diff = (recorded: ConversationState, news: ConversationInputs) =>
    lifecycle.diff("conv_1", recorded, { ...endpoint, ...news }, createAccount("http://127.0.0.1:1"));

  test.each<[string, ConversationState, ConversationInputs, string[]]>([
    ["items", state, { metadata: { a: "1" } }, ["items"]],
    ["another item", state, { items: buildItems(1, 2), metadata: { a: "1" } }, ["items"]],
    ["metadata", state, { items, metadata: {} }, []],
    ["a workspace", state, { items, metadata: { a: "1" }, workspace: "llm-1" }, ["workspace"]],
    ["another ID to adopt", state, { items, adoptId: "conv_2" }, ["adoptId"]],
    ["a thread", state, { items, fromThread: "thread_1" }, ["fromThread"]],
    [
      "another thread",
      { ...state, fromThread: "thread_1" },
      { items, fromThread: "thread_2" },
      ["fromThread"],
    ],
  ])("a change of %s is a change", (_, recorded, news, replaces) => {
    expect(diff(recorded, news)).toEqual({ changed: true, replaces });
  });

  test.each<[string, ConversationState, ConversationInputs]>([
    ["what is as declared", state, { items, metadata: { a: "1" } }],
    ["metadata that was never set", state, { items }],
    ["a removed `fromThread`", { ...state, fromThread: "thread_1" }, { items }],
    ["empty items", { ...state, items: [] }, {}],
  ])("%s is no change", (_, recorded, news) => {
    expect(diff(recorded, news)).toEqual({ changed: false, replaces: [] });
  });

  test("an interrupted creation is a change of nothing but what's left, also if it's no longer wanted", () => {
    const unfinished = { ...state, __unfinished: { confirmed: 0 } };
    const expected = { changed: true, replaces: [], isUnfinished: true };
    expect(diff(unfinished, { items })).toEqual(expected);
    expect(diff({ ...unfinished, items: [] }, {})).toEqual(expected);
  });
});

describe("create", () => {
  test("a conversation is created with its items in order, 20 a request", async () => {
    const emulator = await openEmulator();
    const { id, state } = await create(
      { items: buildItems(1, 45), metadata: { a: "b" } },
      createAccount(emulator.url),
    );
    expect(listContents(emulator)).toEqual(number(1, 45));
    expect(emulator.conversations()).toMatchObject([{ id, metadata: { a: "b" } }]);
    expect(countRequests(emulator, /^POST/)).toBe(3);
    expect(state).toEqual({
      baseUrl: emulator.compatibleUrl,
      items: buildItems(1, 45),
      metadata: { a: "b" },
      createdAt: expect.any(Number),
      requestId: expect.any(String),
      __keys: [expect.any(String)],
      __instance: expect.any(String),
    });
  });

  test("an empty conversation needs no arguments", async () => {
    const emulator = await openEmulator();
    const { state } = await create({}, createAccount(emulator.url));
    expect(state).toMatchObject({ metadata: {}, __metadataUndeclared: true });
    expect(countRequests(emulator, /./)).toBe(1);
  });

  test("a create whose answer is lost is sent once", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url, { DASHSCOPE_MAX_RETRIES: "3" });
    const inputs = await check({}, { items: buildItems(1, 2) }, account);
    emulator.setFaults([{ kind: "dropAfter" }]);
    await catchError(lifecycle.create(inputs, account), CreateUncertainError);
    expect(emulator.conversations()).toHaveLength(1);
  });

  test("`adoptId` takes over a conversation and applies the metadata", async () => {
    const emulator = await openEmulator();
    const { id } = await create({ items: buildItems(1, 1) }, createAccount(emulator.url));
    const account = createAccount(emulator.url);
    expect(await create({ adoptId: id, metadata: { a: "b" } }, account)).toMatchObject({
      id,
      state: { metadata: { a: "b" } },
    });
    const { problems } = await lifecycle.check({}, { adoptId: "conv_none" }, account);
    expect(problems).toEqual([expect.stringMatching(/\[DASHSCOPE_ERR_ADOPTION\]$/)]);
    await catchError(
      lifecycle.create({ adoptId: id, baseUrl: emulator.compatibleUrl }, account),
      AdoptionError,
    );
  });
});

describe("an interrupted creation", () => {
  const faults: Fault[] = [
    { kind: "dropAfter", verb: "createItems", times: 1 },
    { kind: "dropBefore", verb: "createItems", times: 1 },
    { kind: "truncate", verb: "createItems", times: 1 },
    { kind: "error", status: 500, verb: "createItems", times: 1, work: true },
  ];

  test.each(faults)(
    "after the fault $kind in a batch, the next update adds exactly what's missing",
    async (fault) => {
      const emulator = await openEmulator();
      const account = createAccount(emulator.url, { DASHSCOPE_MAX_RETRIES: "3" });
      const items = buildItems(1, 70);
      const { id, state, inputs, error } = await interrupt({ items }, account, emulator, fault);
      expect(error.code).toBe("DASHSCOPE_ERR_INCOMPLETE");
      expect(error.message).toMatch(/only 20 of its 70 items/);
      expect(countRequests(emulator, /^POST .*\/items$/)).toBe(1);

      // The engine's refresh in between keeps what is left to do.
      const live = await lifecycle.read(id, state, account);
      expect(live?.state.__unfinished).toEqual(state.__unfinished);
      account.claims.takeRefresh(state.__instance ?? "");
      const again = await check(live?.inputs ?? {}, { items }, account);
      expect(lifecycle.diff(id, live?.state ?? {}, again, account)).toMatchObject({ isUnfinished: true });

      const updated = await lifecycle.update(id, live?.state ?? {}, again, account);
      expect(listContents(emulator)).toEqual(number(1, 70));
      expect(updated).not.toHaveProperty("__unfinished");
      expect(lifecycle.diff(id, updated, inputs, account).changed).toBe(false);
    },
  );

  test("a batch that DashScope refuses before any work is sent again", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const inputs = await check({}, { items: buildItems(1, 30) }, account);
    emulator.setFaults([
      { kind: "error", status: 429, code: "Throttling", retryAfter: "0", verb: "createItems", times: 1 },
    ]);
    await lifecycle.create(inputs, account);
    expect(listContents(emulator)).toEqual(number(1, 30));
  });

  test("an update that's interrupted again continues where it was", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const items = buildItems(1, 90);
    const lost: Fault = { kind: "dropAfter", verb: "createItems", times: 1 };
    const { id, state, inputs } = await interrupt({ items }, account, emulator, lost);
    emulator.setFaults([lost]);
    const error = await catchError(lifecycle.update(id, state, inputs, account), IncompleteError);
    emulator.setFaults([]);
    await post(`${emulator.compatibleUrl}/conversations/${id}/items`, {
      items: [{ type: "message", role: "user", content: "Something else" }],
    });
    await lifecycle.update(id, error.state, inputs, account);
    expect(listContents(emulator).filter((content) => content !== "Something else")).toEqual(number(1, 90));
  });

  test("a copy continues with the messages that it chose, whatever the thread got since", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const fromThread = await createThread(emulator, 250, { plan: "gold" });
    const lost: Fault = { kind: "dropAfter", verb: "createItems", times: 1 };
    const { id, state, inputs } = await interrupt({ fromThread }, account, emulator, lost);
    expect(JSON.stringify(state)).not.toContain("Message");
    expect(state.__unfinished?.copy?.messages).toHaveLength(100);
    expect(state.__unfinished).not.toHaveProperty("metadata");
    await addMessages(emulator.url, fromThread, 251, 380);
    const updated = await lifecycle.update(id, state, inputs, account);
    expect(listContents(emulator)).toEqual(number(151, 250));
    expect(updated).toMatchObject({ fromThread, metadata: { plan: "gold" }, __metadataUndeclared: true });

    await remove(`${emulator.url}/threads/${fromThread}`);
    const again = await check(inputs, { fromThread }, account);
    expect(lifecycle.diff(id, updated, again, account).changed).toBe(false);
  });

  test("a copy whose thread is gone keeps what it has until `fromThread` is removed", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const fromThread = await createThread(emulator, 50);
    const lost: Fault = { kind: "dropBefore", verb: "createItems", times: 1 };
    const { id, state, inputs } = await interrupt({ fromThread }, account, emulator, lost);
    await remove(`${emulator.url}/threads/${fromThread}`);
    const error = await catchError(lifecycle.update(id, state, inputs, account), IncompleteError);
    expect(error.message).toMatch(/only 20 of its 50 items.*remove `fromThread`/);
    const done = await lifecycle.update(id, error.state, { baseUrl: emulator.compatibleUrl }, account);
    expect(done).not.toHaveProperty("__unfinished");
    expect(listContents(emulator)).toEqual(number(1, 20));
  });

  test("copied metadata that DashScope doesn't confirm is applied by the next update", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const fromThread = await createThread(emulator, 1, { plan: "gold" });
    const inputs = await check({}, { fromThread }, account);
    // The create answers a conversation that has no metadata.
    const body = JSON.stringify(await post(`${emulator.compatibleUrl}/conversations`, {}));
    emulator.setFaults([{ kind: "body", status: 200, body, verb: "createConversation" }]);
    const error = await catchError(lifecycle.create(inputs, account), IncompleteError);
    expect(error.message).toContain("`plan`");
    emulator.setFaults([]);
    const updated = await lifecycle.update(error.id, error.state, inputs, account);
    expect(updated).toMatchObject({ metadata: { plan: "gold" }, __metadataUndeclared: true });
    expect(updated).not.toHaveProperty("__unfinished");
    expect(emulator.conversations()).toMatchObject([{ metadata: { plan: "gold" } }]);
  });
});

describe("an existing conversation", () => {
  test("`read` reports drift, and keeps the first time of creation", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const { id, state } = await create({ metadata: { a: "1" } }, account);
    await post(`${emulator.compatibleUrl}/conversations/${id}`, { metadata: { a: "2" } });
    const live = await lifecycle.read(id, { ...state, createdAt: 5 }, account);
    expect(live).toMatchObject({
      state: { metadata: { a: "2" }, createdAt: 5 },
      inputs: { metadata: { a: "2" } },
    });
    expect(
      lifecycle.diff(
        id,
        live?.state ?? {},
        { metadata: { a: "1" }, baseUrl: emulator.compatibleUrl },
        account,
      ).changed,
    ).toBe(true);
  });

  test.each([404, 400] as const)(
    "a missing conversation that's answered with %d is gone",
    async (missingConversation) => {
      const emulator = await openEmulator({ missingConversation });
      const account = createAccount(emulator.url);
      const { id, state } = await create({}, account);
      await remove(`${emulator.compatibleUrl}/conversations/${id}`);
      const inputs = await check({}, { metadata: { a: "b" } }, account);
      const gone = await catchError(lifecycle.update(id, state, inputs, account), DashScopeError);
      expect(gone.code).toBe("DASHSCOPE_ERR_CONVERSATION_GONE");
      expect(await lifecycle.read(id, state, account)).toBeUndefined();
      await lifecycle.delete(id, state, account);
      expect(account.deleted).toEqual([id, id]);

      const foreign = createAccount(emulator.url, { DASHSCOPE_API_KEY: "sk-other" });
      await catchError(lifecycle.read(id, state, foreign), AccountError);
      await catchError(lifecycle.delete(id, state, foreign), AccountError);
    },
  );

  test.each<[string, Fault]>([
    ["a 404 without a body, which is a wrong base URL", { kind: "body", status: 404, body: "" }],
    ["an unknown workspace", { kind: "error", status: 404, code: "WorkSpaceNotFound" }],
    ["a flat 404", { kind: "body", status: 404, body: '{"code":"NotFound","message":"Not found!"}' }],
  ])("%s isn't believed to mean that the conversation is gone", async (_, fault) => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const { id, state } = await create({}, account);
    emulator.setFaults([fault]);
    await catchError(lifecycle.read(id, state, account), RequestError);
    await catchError(lifecycle.delete(id, state, account), RequestError);
  });

  test("`delete` deletes the conversation, unless another record adopted it", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const { id, state } = await create({}, account);
    await create({ adoptId: id }, account);
    await lifecycle.delete(id, state, account);
    expect(emulator.conversations()).toHaveLength(1);
    await lifecycle.delete(id, state, createAccount(emulator.url));
    expect(emulator.conversations()).toEqual([]);
  });

  test("no error shows an item or a metadata value that the server repeats", async () => {
    const emulator = await openEmulator();
    const account = createAccount(emulator.url);
    const inputs = await check(
      {},
      { items: [{ role: "user", content: "content-of-an-item" }], metadata: { a: "value-of-a-label" } },
      account,
    );
    emulator.setFaults([
      {
        kind: "error",
        status: 400,
        code: "invalid_parameter_error",
        message: "No content-of-an-item and value-of-a-label.",
      },
    ]);
    const error = await catchError(lifecycle.create(inputs, account), RequestError);
    expect(error.message).not.toMatch(/content-of|value-of/);
  });
});
