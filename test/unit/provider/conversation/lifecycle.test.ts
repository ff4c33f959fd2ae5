import { describe, expect, test } from "@jest/globals";
import type { Emulator, Fault } from "dashscope-emulator";
import { conversationLifecycle as lifecycle } from "../../../../provider/src/conversation/lifecycle";
import type { ConversationInputs, ConversationState } from "../../../../provider/src/conversation/schema";
import { AccountError } from "../../../../provider/src/resource/errors";
import { unknown } from "../../../../provider/src/resource/unknown";
import { addMessages, createThread, deleteRemotely, listContents, openEmulator, post } from "../emulated";
import { Stack } from "../stack";
import { buildAccount, connectAccount } from "../testAccount";
import { catchError } from "../testServer";

const endpoint = { baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1" };
const incomplete = { code: "DASHSCOPE_ERR_INCOMPLETE" };
const lostAnswer: Fault = { kind: "dropAfter", verb: "createItems", times: 1 };
const number = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `Message ${from + index}`);
const buildItems = (from: number, to: number) =>
  number(from, to).map((content) => ({ role: "user" as const, content }));

/** Opens an emulator, an account of it, and a stack. */
async function open(...args: Parameters<typeof openEmulator>) {
  const emulator = await openEmulator(...args);
  // With retries, which must not add items twice.
  const account = connectAccount(emulator.url, { DASHSCOPE_MAX_RETRIES: "1" });
  return { emulator, account, stack: new Stack(lifecycle) };
}

function countPosts(emulator: Emulator): number {
  return emulator.requests().filter(({ method }) => method === "POST").length;
}

describe("`check` of a conversation", () => {
  test("`check` adds the endpoint of the Conversations API and sends nothing", async () => {
    const account = buildAccount();
    expect(await lifecycle.check({}, { metadata: { a: "b" }, items: null }, account)).toEqual({
      inputs: { metadata: { a: "b" }, ...endpoint },
      problems: [],
    });
    expect(account.client.calls).toEqual([]);
  });

  test("`check` refuses a thread whose metadata doesn't fit, unless the program sets other metadata", async () => {
    const { emulator, account } = await open();
    const fromThread = await createThread(emulator, 1, { long: "x".repeat(513) });
    const check = async (given: object) =>
      (await lifecycle.check({}, { fromThread, ...given }, account)).problems;
    expect(await check({})).toEqual([expect.stringContaining("`metadata.long`")]);
    expect(await check({ metadata: { a: "b" } })).toEqual([]);
  });

  test("`check` fails for a thread that doesn't exist, and for a conversation to adopt that doesn't", async () => {
    const { account } = await open();
    for (const [given, code] of [
      [{ fromThread: "thread_none" }, "DASHSCOPE_ERR_MISSING"],
      [{ adoptId: "conv_none" }, "DASHSCOPE_ERR_ADOPTION"],
    ] as const) {
      const { problems } = await lifecycle.check({}, given, account);
      expect(problems).toEqual([expect.stringContaining(`[${code}]`)]);
    }
  });

  test("the preview says once how many messages are copied, and that older ones aren't", async () => {
    const { emulator, account, stack } = await open();
    const [few, many] = [await createThread(emulator, 3), await createThread(emulator, 101)];
    const preview = (fromThread: string) => lifecycle.check(stack.inputs, { fromThread }, account);
    await preview(few);
    await preview(many);
    const before = emulator.requests().length;
    await preview(many);
    expect(emulator.requests()).toHaveLength(before);
    expect(account.notices[0]).toMatch(/^info: .* 3 messages/);
    expect(account.notices[0]).not.toContain("older");
    expect(account.notices[1]).toMatch(/^info: .* 100 messages .*older/);
  });

  test("a thread that can't be verified is a warning, and one that's recorded isn't verified", async () => {
    const { emulator, account } = await open({ faults: [{ kind: "error", status: 500 }] });
    const news = { fromThread: "thread_1" };
    expect((await lifecycle.check({}, news, account)).problems).toEqual([]);
    expect(account.notices).toEqual([expect.stringMatching(/^warning: /)]);
    emulator.clearRequests();
    await lifecycle.check(news, news, connectAccount(emulator.url));
    expect(emulator.requests()).toEqual([]);
  });
});

describe("`diff` of a conversation", () => {
  const items = buildItems(1, 1);
  const state: ConversationState = { ...endpoint, items, metadata: { a: "1" }, __instance: "i", __keys: [] };
  const diff = (recorded: ConversationState, news: ConversationInputs) =>
    lifecycle.diff("conv_1", recorded, { ...endpoint, ...news }, buildAccount());

  test.each<[string, ConversationState, ConversationInputs, string[]]>([
    ["removed items", state, { metadata: { a: "1" } }, ["items"]],
    ["another item", state, { items: buildItems(1, 2) }, ["items"]],
    ["metadata", state, { items, metadata: {} }, []],
    ["another ID to adopt", state, { items, adoptId: "conv_2" }, ["adoptId"]],
    ["a thread to copy", state, { items, fromThread: "thread_1" }, ["fromThread"]],
    [
      "another thread to copy",
      { ...state, fromThread: "thread_1" },
      { items, fromThread: "thread_2" },
      ["fromThread"],
    ],
  ])("`diff` sees a change of %s", (_, recorded, news, replaces) => {
    expect(diff(recorded, news)).toEqual({ changed: true, replaces });
  });

  test.each<[string, ConversationState, ConversationInputs]>([
    ["what is as declared", state, { items, metadata: { a: "1" } }],
    ["a removed `fromThread`", { ...state, fromThread: "thread_1" }, { items }],
    ["empty items", { ...state, items: [] }, {}],
  ])("`diff` sees no change in %s", (_, recorded, news) => {
    expect(diff(recorded, news)).toEqual({ changed: false, replaces: [] });
  });

  test("an interrupted creation is a change of nothing but what's left, also if it's no longer wanted", () => {
    const unfinished = { ...state, __unfinished: { confirmed: 0 } };
    const expected = { changed: true, replaces: [], isUnfinished: true };
    expect(diff(unfinished, { items })).toEqual(expected);
    expect(diff({ ...unfinished, items: [] }, {})).toEqual(expected);
  });
});

describe("the creation of a conversation", () => {
  test("a conversation is created with its items in order, 20 a request", async () => {
    const { emulator, account, stack } = await open();
    await stack.up({ items: buildItems(1, 45), metadata: { a: "b" } }, account);
    expect(listContents(emulator)).toEqual(number(1, 45));
    expect(emulator.conversations()).toMatchObject([{ id: stack.id, metadata: { a: "b" } }]);
    expect(countPosts(emulator)).toBe(3);
    expect(stack.state).toEqual({
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
    const { emulator, account, stack } = await open();
    await stack.up({}, account);
    expect(stack.state).toMatchObject({ metadata: {}, __metadataUndeclared: true });
    expect(emulator.requests()).toHaveLength(1);
  });

  test("`adoptId` takes over a conversation, which its former record then doesn't delete", async () => {
    const { emulator, account, stack: former } = await open();
    await former.up({ items: buildItems(1, 1) }, account);
    const adopting = new Stack(lifecycle);
    expect(await adopting.up({ adoptId: former.id, metadata: { a: "b" } }, account)).toBeUndefined();
    expect(adopting).toMatchObject({ id: former.id, state: { metadata: { a: "b" } } });
    await former.destroy(account);
    expect(emulator.conversations()).toHaveLength(1);
  });

  test("a creation that's interrupted twice, and whose conversation others use, continues where it was", async () => {
    const { emulator, account, stack } = await open({ faults: [{ ...lostAnswer, times: 2 }] });
    const program = { items: buildItems(1, 90) };
    expect(await stack.up(program, account)).toMatchObject(incomplete);
    expect(stack.state).toHaveProperty("__unfinished.confirmed", 20);
    expect(await stack.up(program, account)).toMatchObject(incomplete);
    expect(stack.state).toHaveProperty("__unfinished.confirmed", 40);
    await post(`${emulator.compatibleUrl}/conversations/${stack.id}/items`, {
      items: [{ type: "message", role: "user", content: "Something else" }],
    });
    expect(await stack.up(program, account)).toBeUndefined();
    expect(stack.state).not.toHaveProperty("__unfinished");
    expect(listContents(emulator).filter((content) => content !== "Something else")).toEqual(number(1, 90));
  });
});

describe("a copy of a thread", () => {
  test("a copy continues with the messages that it chose, whatever the thread got since", async () => {
    const { emulator, account, stack } = await open({ faults: [lostAnswer] });
    const fromThread = await createThread(emulator, 250, { plan: "gold" });
    expect(await stack.up({ fromThread }, account)).toMatchObject(incomplete);
    expect(JSON.stringify(stack.state)).not.toContain("Message");
    expect(stack.state).toHaveProperty("__unfinished.copy.messages.length", 100);
    await addMessages(emulator.url, fromThread, 251, 380);
    expect(await stack.up({ fromThread }, account)).toBeUndefined();
    expect(listContents(emulator)).toEqual(number(151, 250));
    expect(stack.state).toMatchObject({ fromThread, metadata: { plan: "gold" }, __metadataUndeclared: true });

    await deleteRemotely(`${emulator.url}/threads/${fromThread}`);
    expect(await stack.preview({ fromThread }, account)).toEqual({ changed: false, replaces: [] });
    // It stays recorded, so that setting it again isn't a change.
    await stack.up({ metadata: {} }, account);
    expect(stack.state).toMatchObject({ fromThread, metadata: {} });
  });

  test("a copy whose thread is gone keeps what it has until `fromThread` is removed", async () => {
    const { emulator, account, stack } = await open({
      faults: [{ ...lostAnswer, kind: "dropBefore" }],
    });
    const fromThread = await createThread(emulator, 50);
    await stack.up({ fromThread }, account);
    await deleteRemotely(`${emulator.url}/threads/${fromThread}`);
    expect(await stack.up({ fromThread }, account)).toMatchObject(incomplete);
    expect(await stack.up({}, account)).toBeUndefined();
    expect(stack.state).not.toHaveProperty("__unfinished");
    expect(listContents(emulator)).toEqual(number(1, 20));
  });

  test("copied metadata that DashScope doesn't confirm is applied by the next update", async () => {
    const { emulator, account, stack } = await open();
    const fromThread = await createThread(emulator, 1, { plan: "gold" });
    // The create answers a conversation that has no metadata.
    const body = JSON.stringify(await post(`${emulator.compatibleUrl}/conversations`, {}));
    emulator.setFaults([{ kind: "body", status: 200, body, verb: "createConversation" }]);
    expect(await stack.up({ fromThread }, account)).toMatchObject(incomplete);
    emulator.setFaults([]);
    expect(await stack.up({ fromThread }, account)).toBeUndefined();
    expect(stack.state).toMatchObject({ metadata: { plan: "gold" }, __metadataUndeclared: true });
    expect(stack.state).not.toHaveProperty("__unfinished");
    expect(emulator.conversations()).toMatchObject([{ metadata: { plan: "gold" } }]);
  });
});

test.each([404, 400] as const)(
  "a missing conversation that's answered with %d is gone, but not for another key",
  async (missingConversation) => {
    const { emulator, account, stack } = await open({ missingConversation });
    await stack.up({}, account);
    const { id } = stack;
    await deleteRemotely(`${emulator.compatibleUrl}/conversations/${id}`);
    const foreign = connectAccount(emulator.url, { DASHSCOPE_API_KEY: "sk-other" });
    await catchError(stack.refresh(foreign), AccountError);
    await catchError(stack.destroy(foreign), AccountError);
    expect(await stack.up({ metadata: { a: "b" } }, account)).toMatchObject({
      code: "DASHSCOPE_ERR_CONVERSATION_GONE",
    });
    await stack.refresh(account);
    expect(stack.isRecorded).toBe(false);
    expect(account.deleted).toEqual([id]);
  },
);

describe("`predict` of a conversation", () => {
  test.each([
    [{}, {}],
    [{ metadata: { a: "b" } }, { a: "b" }],
    [{ adoptId: "conv_1" }, unknown],
    [{ fromThread: "thread_1" }, unknown],
  ])("the declaration %j leads to the metadata %j", (declared, metadata) => {
    expect(lifecycle.predict(declared)).toMatchObject({ metadata, createdAt: unknown, requestId: unknown });
  });
});
