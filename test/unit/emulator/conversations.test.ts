import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Emulator } from "../../../emulator/src/index";
import { call, emulator } from "./requests";

let target: Emulator;

beforeEach(async () => {
  target = await emulator();
});

const DAY = 24 * 60 * 60 * 1000;
const strangeConversation = "conv_00000000-0000-4000-8000-000000000000";

/** One request to the compatible API. */
const send: typeof call = ({ compatibleUrl, ...rest }, ...args) =>
  call({ ...rest, compatibleUrl, url: compatibleUrl }, ...args);

const user = (content: unknown) => ({ type: "message", role: "user", content });

const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => user(String(from + index)));

async function createConversation(body: unknown = {}, options: Parameters<typeof call>[3] = {}) {
  const answer = await send(target, "POST", "/conversations", { body, ...options });
  return String(answer.body["id"]);
}

const notFound = (id: string) => ({
  status: 404,
  body: {
    error: {
      message: `Conversation with id '${id}' not found.`,
      type: "invalid_request_error",
      param: null,
      code: null,
    },
  },
});

const invalid = (message: string) => ({
  status: 400,
  body: { error: { message, type: "invalid_request_error", param: null, code: "invalid_parameter_error" } },
});

describe("a conversation", () => {
  test("a create with items and metadata answers the documented object", async () => {
    const before = Date.now();
    const { status, headers, body } = await send(target, "POST", "/conversations", {
      body: { items: [user("Hello")], metadata: { topic: "demo" } },
    });
    expect(status).toBe(200);
    expect(headers.get("x-request-id")).toBe(target.requests()[0]?.requestId);
    expect(body).toEqual({
      id: expect.stringMatching(/^conv_[0-9a-f-]{36}$/),
      object: "conversation",
      created_at: expect.any(Number),
      metadata: { topic: "demo" },
    });
    expect(body["created_at"]).toBeGreaterThanOrEqual(before);
    expect((await send(target, "GET", `/conversations/${body["id"]}`)).body).toEqual(body);
    expect(target.conversations()).toMatchObject([
      { id: body["id"], items: [{ role: "user", content: [{ type: "input_text", text: "Hello" }] }] },
    ]);
  });

  test.each([[undefined], ["{}"], ["null"], ['{"items":null,"metadata":null}']])(
    "a create with the body %s makes an empty conversation",
    async (body) => {
      const answer = await send(target, "POST", "/conversations", body === undefined ? {} : { body });
      expect(answer).toMatchObject({ status: 200, body: { metadata: {} } });
      expect(target.conversations()).toMatchObject([{ items: [] }]);
    },
  );

  test("an update replaces the whole metadata", async () => {
    const id = await createConversation({ metadata: { a: "1", b: "2" } });
    const { body } = await send(target, "POST", `/conversations/${id}`, { body: { metadata: { b: "3" } } });
    expect(body).toMatchObject({ id, object: "conversation", metadata: { b: "3" } });
    expect(body["metadata"]).toEqual({ b: "3" });
  });

  test("a deleted conversation is missing for every call", async () => {
    const id = await createConversation({ items: [user("Hello")] });
    const itemId = target.conversations()[0]?.items[0]?.id;
    expect(await send(target, "DELETE", `/conversations/${id}`)).toMatchObject({
      status: 200,
      body: { deleted: true, id, object: "conversation.deleted" },
    });
    expect(target.conversations()).toEqual([]);
    await expectMissing(id, itemId);
  });

  test("a conversation that never existed is missing for every call", async () => {
    for (const id of [strangeConversation, "conv_1", "__proto__", "..%2f..", `conv_${"a".repeat(3000)}`])
      await expectMissing(id);
  });

  test("a conversation is missing for another account and for another workspace", async () => {
    target = await emulator({ apiKeys: ["sk-acme=acme", "sk-globex=globex"] });
    const acme = { headers: { authorization: "Bearer sk-acme" }, workspace: "llm-a" };
    const id = await createConversation({ items: [user("Hello")] }, acme);
    const itemId = target.conversations()[0]?.items[0]?.id;
    await expectMissing(id, itemId, { ...acme, headers: { authorization: "Bearer sk-globex" } });
    await expectMissing(id, itemId, { ...acme, workspace: "llm-b" });
    await expectMissing(id, itemId, { headers: acme.headers });
    expect(await send(target, "GET", `/conversations/${id}`, acme)).toMatchObject({ status: 200 });
    expect(target.conversations()).toMatchObject([{ id, account: "acme", workspace: "llm-a" }]);
  });

  /** Makes every call on a conversation and its items, and expects that none finds the conversation. */
  async function expectMissing(id: string, itemId = "msg_1", who: Parameters<typeof call>[3] = {}) {
    for (const [method, path] of everyCall(itemId)) {
      const body = method === "POST" ? { metadata: {}, items: [] } : undefined;
      const answer = await send(target, method, `/conversations/${id}${path}`, { ...who, body });
      expect(answer).toMatchObject(notFound(decodeURIComponent(id)));
      expect(answer.body["request_id"]).toBe(answer.headers.get("x-request-id"));
    }
  }

  const everyCall = (itemId: string) =>
    [
      ["GET", ""],
      ["POST", ""],
      ["DELETE", ""],
      ["GET", "/items"],
      ["POST", "/items"],
      ["GET", `/items/${itemId}`],
      ["DELETE", `/items/${itemId}`],
    ] as const;

  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, "x"]));

  test.each<[unknown, string]>([
    [[], "The request body"],
    [{ metadata: "x" }, "`metadata`"],
    [{ metadata: pairs(17) }, "`metadata`"],
    [{ items: numbers(21) }, "`items`"],
    [{ items: [{ role: "user", content: "x" }] }, "`items[0].type`"],
    [{ items: [{ ...user("x"), role: "tool" }] }, "`items[0].role`"],
    [{ items: [user(undefined)] }, "`items[0].content`"],
    [{ items: [user([{ type: "input_image", image_url: "x" }])] }, "`items[0].content`"],
    [{ items: [user([{ type: "output_text", text: "x" }])] }, "`items[0].content[0].type`"],
    [
      { items: [{ ...user([{ type: "input_text", text: "x" }]), role: "assistant" }] },
      "`items[0].content[0].type`",
    ],
  ])("a create refuses %j with an error that names %s", async (body, field) => {
    const answer = await send(target, "POST", "/conversations", { body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_parameter_error" } } });
    expect(JSON.stringify(answer.body["error"])).toContain(`${field} must`);
    expect(answer.body["error"]).toMatchSnapshot();
    expect(target.conversations()).toEqual([]);
  });
});

describe("the items of a conversation", () => {
  let id: string;

  beforeEach(async () => {
    id = await createConversation();
  });

  const add = (items: unknown) => send(target, "POST", `/conversations/${id}/items`, { body: { items } });

  async function list(query = ""): Promise<{ contents: string; more: unknown; last: unknown }> {
    const { status, body } = await send(target, "GET", `/conversations/${id}/items${query}`);
    expect(status).toBe(200);
    const { data, has_more, first_id, last_id, ...rest } = body;
    expect(rest).toEqual({ object: "list" });
    if (!Array.isArray(data)) throw new Error("No list.");
    expect([first_id, last_id]).toEqual([data.at(0)?.id ?? null, data.at(-1)?.id ?? null]);
    return { contents: data.map((item) => item.content[0].text).join(" "), more: has_more, last: last_id };
  }

  test("adding items answers them as documented", async () => {
    const { status, body } = await add([
      user("Hello"),
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "How can I help?" }] },
    ]);
    expect(status).toBe(200);
    const { data } = body;
    if (!Array.isArray(data)) throw new Error("No list.");
    expect(body).toEqual({ data, first_id: data[0].id, has_more: false, last_id: data[1].id });
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^msg_[0-9a-f-]{36}$/),
        type: "message",
        role: "user",
        status: "completed",
        content: [{ type: "input_text", text: "Hello" }],
      },
      {
        id: expect.stringMatching(/^msg_[0-9a-f-]{36}$/),
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "How can I help?" }],
      },
    ]);
    const one = await send(target, "GET", `/conversations/${id}/items/${data[1].id}`);
    expect(one.body).toEqual(data[1]);
  });

  test("a list has pages, newest item first by default", async () => {
    await add(numbers(20));
    await add(numbers(5, 20));
    expect(await list("?limit=2")).toMatchObject({ contents: "24 23", more: true });
    expect((await list()).contents.split(" ")).toHaveLength(20);
    const first = await list("?order=asc&limit=20");
    expect(first).toMatchObject({ more: true });
    expect(await list(`?order=asc&limit=20&after=${first.last}`)).toMatchObject({
      contents: "20 21 22 23 24",
      more: false,
    });
    expect(await list("?order=asc&limit=100")).toMatchObject({ more: false });
  });

  test.each([
    ["limit=101", "`limit` must be a whole number from 1 to 100."],
    ["after=msg_1", "`after` must be the ID of an item in the conversation."],
  ])("a list refuses %s", async (query, message) => {
    const answer = await send(target, "GET", `/conversations/${id}/items?${query}`);
    expect(answer).toMatchObject(invalid(message));
  });

  test("a call adds at most 20 items", async () => {
    const message = "`items` must be an array of at most 20 items.";
    expect(await add(numbers(21))).toMatchObject(invalid(message));
    expect(await add(undefined)).toMatchObject(invalid(message));
    expect(target.conversations()[0]?.items).toEqual([]);
  });

  test("a delete removes one item", async () => {
    await add(numbers(2));
    const [first, second] = target.conversations()[0]?.items ?? [];
    const path = `/conversations/${id}/items/${first?.id}`;
    expect(await send(target, "DELETE", path)).toMatchObject({
      status: 200,
      body: { deleted: true, id: first?.id, object: "conversation.item.deleted" },
    });
    const missing = {
      status: 404,
      body: { error: { message: `Item with id '${first?.id}' not found.`, code: null } },
    };
    expect(await send(target, "DELETE", path)).toMatchObject(missing);
    expect(await send(target, "GET", path)).toMatchObject(missing);
    expect(target.conversations()[0]?.items).toEqual([second]);
  });

  test("a conversation keeps its newest 100 items, and a delete doesn't bring older ones back", async () => {
    for (let from = 0; from < 120; from += 20) await add(numbers(20, from));
    const items = target.conversations()[0]?.items ?? [];
    expect(items).toHaveLength(100);
    expect(items[0]?.content).toEqual([{ type: "input_text", text: "20" }]);
    await send(target, "DELETE", `/conversations/${id}/items/${items[0]?.id}`);
    expect(target.conversations()[0]?.items).toHaveLength(99);
  });

  test("items expire after 7 days on a clock that tests move, and the conversation doesn't", async () => {
    await add([user("old")]);
    const [old] = target.conversations()[0]?.items ?? [];
    target.advanceClock(6 * DAY);
    await add([user("new")]);
    expect((await list("?order=asc")).contents).toBe("old new");
    target.advanceClock(DAY);
    expect((await list("?order=asc")).contents).toBe("new");
    expect((await send(target, "GET", `/conversations/${id}/items/${old?.id}`)).status).toBe(404);
    target.advanceClock(7 * DAY);
    expect((await list()).contents).toBe("");
    expect((await send(target, "GET", `/conversations/${id}`)).status).toBe(200);
    const later = await send(target, "POST", "/conversations");
    expect(later.body["created_at"]).toBeGreaterThan(Date.now() + 13 * DAY);
    expect(() => target.advanceClock(-1)).toThrow("`ms` must be a number of milliseconds from 0.");
  });

  test("conversations are readable, and the clock is movable, over HTTP", async () => {
    await add([user("Hello")]);
    const control = `${target.origin}/_emulator`;
    expect(await (await fetch(`${control}/conversations`)).json()).toEqual(target.conversations());
    const moved = await fetch(`${control}/clock`, {
      method: "POST",
      body: JSON.stringify({ advance: 8 * DAY }),
    });
    expect(moved.status).toBe(200);
    expect(target.conversations()).toMatchObject([{ items: [] }]);
    const refused = await fetch(`${control}/clock`, { method: "POST", body: '{"advance":-1}' });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining("`advance` must be a number of milliseconds."),
    ]);
  });
});

describe("the dialect of the compatible API", () => {
  test("a wrong key answers 401 as captured", async () => {
    target = await emulator({ apiKeys: ["sk-right"] });
    for (const authorization of ["", "Bearer sk-wrong"]) {
      const answer = await send(target, "POST", "/conversations", { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, headers: expect.anything() });
      expect(answer.body).toEqual({
        error: {
          message: "Incorrect API key provided.",
          type: "invalid_request_error",
          param: null,
          code: "invalid_api_key",
        },
        request_id: answer.headers.get("x-request-id"),
      });
    }
    expect(target.requests()).toMatchObject([{ code: "invalid_api_key" }, { code: "invalid_api_key" }]);
  });

  test("a request over the rate limit answers 429 as captured", async () => {
    target = await emulator({ rateLimit: { requestsPerSecond: 0.4, burst: 1, retryAfter: true } });
    await createConversation();
    const answer = await send(target, "POST", "/conversations");
    expect(answer).toMatchObject({
      status: 429,
      body: {
        error: {
          message: "You have exceeded your current request limit.",
          type: "limit_requests",
          code: "limit_requests",
        },
      },
    });
    expect(answer.headers.get("retry-after")).toBe("3");
  });

  test("an unknown workspace answers 404 with its own code", async () => {
    target = await emulator({ workspaces: ["llm-a"] });
    expect(await send(target, "POST", "/conversations", { workspace: "llm-b" })).toMatchObject({
      status: 404,
      body: { error: { code: "WorkSpaceNotFound", type: "invalid_request_error" } },
    });
  });

  test.each([
    ["GET", "/compatible-mode/v1/threads"],
    ["GET", "/compatible-mode/v1/conversations"],
    ["PUT", `/compatible-mode/v1/conversations/${strangeConversation}`],
    ["POST", "/compatible-mode/conversations"],
    ["GET", "/compatible-mode/"],
  ])("%s %s answers 404 without a body, with and without a key", async (method, path) => {
    for (const headers of [{ authorization: "Bearer k" }, undefined]) {
      const response = await fetch(target.origin + path, { method, ...(headers && { headers }) });
      expect(response.status).toBe(404);
      expect(await response.text()).toBe("");
      expect(response.headers.get("server")).toBe("istio-envoy");
      expect(response.headers.get("content-type")).toBeNull();
    }
    expect(target.requests().map(({ status }) => status)).toEqual([404, 404]);
  });

  test("an error fault answers in the compatible dialect", async () => {
    target.setFaults([
      { kind: "error", status: 500, verb: "createConversation", times: 1 },
      { kind: "error", status: 429, code: "insufficient_quota", message: "Out of quota.", times: 1 },
    ]);
    const first = await send(target, "POST", "/conversations");
    expect(first).toMatchObject({
      status: 500,
      body: {
        error: { message: "Injected by the emulator.", type: "internal_error", code: "internal_error" },
      },
    });
    expect(await send(target, "POST", "/conversations")).toMatchObject({
      status: 429,
      body: { error: { message: "Out of quota.", type: "insufficient_quota", code: "insufficient_quota" } },
    });
    expect(target.conversations()).toEqual([]);
  });
});

describe("a switch for what isn't documented", () => {
  test("`missingConversation` 400 answers a missing conversation as DashScope does a thread", async () => {
    target = await emulator({ missingConversation: 400 });
    expect(await send(target, "GET", `/conversations/${strangeConversation}`)).toMatchObject(
      invalid("The specified conversation has been deleted or does not exist."),
    );
  });

  test.each([
    ["refuse", invalid("`metadata` must be an object.")],
    ["keep", { status: 200, body: { metadata: { a: "1" } } }],
    ["clear", { status: 200, body: { metadata: {} } }],
  ] as const)(
    "`updateWithoutMetadata` %s applies to an update without metadata",
    async (updateWithoutMetadata, expected) => {
      target = await emulator({ updateWithoutMetadata });
      for (const body of [undefined, {}, { metadata: null }]) {
        const id = await createConversation({ metadata: { a: "1" } });
        const answer = await send(target, "POST", `/conversations/${id}`, { body });
        expect(answer).toMatchObject(expected);
        if (updateWithoutMetadata === "clear") expect(answer.body["metadata"]).toEqual({});
      }
    },
  );

  test("`assistantInputText` accept accepts `input_text` of an assistant", async () => {
    target = await emulator({ assistantInputText: "accept" });
    const content = [{ type: "input_text", text: "x" }];
    await createConversation({ items: [{ ...user(content), role: "assistant" }] });
    expect(target.conversations()[0]?.items).toMatchObject([{ role: "assistant", content }]);
  });

  test("`stringContent` string answers a string as it was given", async () => {
    target = await emulator({ stringContent: "string" });
    const id = await createConversation({ items: [user("Hello")] });
    const { body } = await send(target, "GET", `/conversations/${id}/items`);
    expect(body["data"]).toMatchObject([{ content: "Hello" }]);
  });

  test("`deletedConversationItems` readable lets calls read and delete what a deleted conversation left", async () => {
    target = await emulator({ deletedConversationItems: "readable" });
    const id = await createConversation({ items: [user("Hello")] });
    const [item] = target.conversations()[0]?.items ?? [];
    const path = `/conversations/${id}`;
    await send(target, "DELETE", path);
    expect(await send(target, "GET", `${path}/items`)).toMatchObject({ body: { data: [{ id: item?.id }] } });
    expect(await send(target, "GET", `${path}/items/${item?.id}`)).toMatchObject({ status: 200 });
    expect(await send(target, "POST", `${path}/items`, { body: { items: [] } })).toMatchObject(notFound(id));
    expect(await send(target, "GET", path)).toMatchObject(notFound(id));
    expect(await send(target, "DELETE", `${path}/items/${item?.id}`)).toMatchObject({ status: 200 });
    expect(await send(target, "GET", `${path}/items`)).toMatchObject({ body: { data: [], last_id: null } });
  });

  test("`metadataUpdate` merge and `emptyMetadata` apply to conversations too", async () => {
    target = await emulator({ metadataUpdate: "merge", emptyMetadata: "absent" });
    const { body: empty } = await send(target, "POST", "/conversations");
    expect(empty).not.toHaveProperty("metadata");
    const id = await createConversation({ metadata: { a: "1" } });
    const { body } = await send(target, "POST", `/conversations/${id}`, { body: { metadata: { b: "2" } } });
    expect(body["metadata"]).toEqual({ a: "1", b: "2" });
  });
});
