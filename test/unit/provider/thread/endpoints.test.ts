import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { Client } from "../../../../provider/src/dashscope/client";
import {
  ConfigurationError,
  CreateUncertainError,
  RequestError,
} from "../../../../provider/src/dashscope/errors";
import type { Endpoint } from "../../../../provider/src/dashscope/url";
import {
  createThread,
  listConfidential,
  listMessages,
  threads,
} from "../../../../provider/src/thread/endpoints";
import { catchError, startHttpServer } from "../testServer";

interface Seen {
  readonly request: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe("createThread", () => {
  test("createThread posts what is declared, and nothing else", async () => {
    const { url, client, seen } = await answer({ id: "thread_1" }, { id: "thread_2" });
    await createThread(client, { baseUrl: `${url}/api/v1` }, {});
    await createThread(
      client,
      { baseUrl: `${url}/api/v1`, workspace: "llm-1" },
      {
        messages: [{ role: "user", content: "Hi", fileIds: ["f"], metadata: { a: "b" } }],
        metadata: { team: "support" },
      },
    );
    const [empty, full] = seen;
    expect(empty).toMatchObject({ request: "POST /api/v1/threads", body: "{}" });
    expect(empty?.headers).toMatchObject({
      authorization: "Bearer sk-key",
      accept: "application/json; charset=utf-8",
      "content-type": "application/json",
      "user-agent": expect.stringMatching(
        /^pulumi-dashscope\/\d+\.\d+\.\d+; node\/\S+; platform\/\S+; processor\/\S+$/,
      ),
    });
    expect(empty?.headers).not.toHaveProperty("x-dashscope-workspace");
    expect(full?.headers).toMatchObject({ "x-dashscope-workspace": "llm-1" });
    expect(JSON.parse(full?.body ?? "")).toEqual({
      messages: [{ role: "user", content: "Hi", file_ids: ["f"], metadata: { a: "b" } }],
      metadata: { team: "support" },
    });
  });

  test("createThread returns the known fields of the answer only", async () => {
    const { url, client } = await answer({
      id: "thread_1",
      object: "thread",
      created_at: 1711338305153,
      metadata: { a: "b" },
      request_id: "r-1",
      account_id: "sk-of-the-account",
    });
    expect(await createThread(client, { baseUrl: url }, {})).toEqual({
      id: "thread_1",
      createdAt: 1711338305153,
      metadata: { a: "b" },
      requestId: "r-1",
    });
  });

  test.each<[unknown, Record<string, string>]>([
    [undefined, {}],
    [null, {}],
    ["", {}],
    [
      { a: 5, b: null, c: { d: [true] } },
      { a: "5", b: "null", c: '{"d":[true]}' },
    ],
    [
      { "\ud800": "half \udc00", "😀": "😀" },
      { "\ufffd": "half \ufffd", "😀": "😀" },
    ],
    [{ "": "x", "4dabf18193072939515e22adb298388d": "y", a: "b" }, { a: "b" }],
  ])("the metadata %j is stored in a form that Pulumi can store", async (metadata, expected) => {
    const { url, client } = await answer({ id: "thread_1", metadata });
    expect((await createThread(client, { baseUrl: url }, {})).metadata).toEqual(expected);
  });

  test.each([5_000, 100_000])("metadata that is nested %d deep doesn't lose the thread", async (depth) => {
    const { url, client } = await answer(
      `{"id":"thread_1","metadata":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`,
    );
    const created = createThread(client, { baseUrl: url }, {}).then(
      ({ id }) => id,
      (error: unknown) => (error instanceof CreateUncertainError ? error.createdId : error),
    );
    expect(await created).toBe("thread_1");
  });

  test.each([undefined, null, "soon", {}, [1, 2]])(
    "the time of creation %j is left out",
    async (created_at) => {
      const { url, client } = await answer({ id: "thread_1", created_at });
      expect(await createThread(client, { baseUrl: url }, {})).not.toHaveProperty("createdAt");
    },
  );

  test.each([{}, { id: "" }, { id: 7 }, { id: "../x" }, [], null])(
    "the answer %j without a valid ID leaves the create uncertain",
    async (body) => {
      const { url, client } = await answer(body);
      await catchError(createThread(client, { baseUrl: url }, {}), CreateUncertainError);
    },
  );
});

test.each<[string, (client: Client, endpoint: Endpoint) => Promise<unknown>, string, string]>([
  ["a read sends no body", (client, at) => threads.fetch(client, at, "thread_1"), "GET", ""],
  [
    "an update sends the whole map",
    (client, at) => threads.update(client, at, "thread_1", { a: "b" }),
    "POST",
    '{"metadata":{"a":"b"}}',
  ],
  [
    "an update sends an empty map",
    (client, at) => threads.update(client, at, "thread_1", {}),
    "POST",
    '{"metadata":{}}',
  ],
  ["a delete sends no body", (client, at) => threads.delete(client, at, "thread_1"), "DELETE", ""],
])("%s, and names the workspace", async (_, call, method, body) => {
  const { url, client, seen } = await answer({ id: "thread_1", deleted: true });
  await call(client, { baseUrl: `${url}/api/v1`, workspace: "llm-1" });
  expect(seen).toMatchObject([
    { request: `${method} /api/v1/threads/thread_1`, headers: { "x-dashscope-workspace": "llm-1" }, body },
  ]);
  expect("content-type" in (seen[0]?.headers ?? {})).toBe(body !== "");
});

test("a refusal of an update that repeats a new value of the metadata isn't shown", async () => {
  const { url } = await startHttpServer(async (request, response) => {
    response.statusCode = 400;
    response.end(JSON.stringify({ code: "InvalidParameter", message: `No: ${await text(request)}` }));
  });
  const call = threads.update(connect(), { baseUrl: url }, "thread_1", { a: "the new value" });
  expect((await catchError(call, RequestError)).message).not.toContain("the new value");
});

test("an answer about another thread is no answer", async () => {
  const { url, client } = await answer({ id: "thread_2" });
  const call = threads.fetch(client, { baseUrl: url }, "thread_1");
  expect(await catchError(call, RequestError)).toHaveProperty("outcome", "foreign");
});

test.each([{}, { deleted: false }, { id: "thread_1" }, []])(
  "the answer %j doesn't confirm a deletion",
  async (body) => {
    const { url, client } = await answer(body);
    const call = threads.delete(client, { baseUrl: url }, "thread_1");
    expect(await catchError(call, RequestError)).toHaveProperty("outcome", "foreign");
  },
);

describe("listMessages", () => {
  test("listMessages asks for 100 messages in an order, and the next page after the last one", async () => {
    const { url, client, seen } = await answer(...Array(2).fill({ data: [], has_more: false }));
    await listMessages(client, { baseUrl: url }, "thread_1", { order: "desc" });
    await listMessages(client, { baseUrl: url }, "thread_1", { order: "asc", after: "m-1" });
    expect(seen.map(({ request }) => request)).toEqual([
      "GET /threads/thread_1/messages?order=desc&limit=100",
      "GET /threads/thread_1/messages?order=asc&limit=100&after=m-1",
    ]);
  });

  test("the ID of a message can be stored, whatever DashScope answers", async () => {
    const { url, client } = await answer({
      data: [{ id: "\ud800", role: "user", content: "Hi" }],
      has_more: false,
    });
    const { messages } = await listMessages(client, { baseUrl: url }, "thread_1", { order: "asc" });
    expect(messages.map(({ id }) => id.isWellFormed())).toEqual([true]);
  });

  test.each([
    {},
    { data: [] },
    { data: [], has_more: true },
    { data: [{ id: 7, role: "user", content: [] }], has_more: false },
  ])("the answer %j isn't a page of messages", async (body) => {
    const { url, client } = await answer(body);
    const call = listMessages(client, { baseUrl: url }, "thread_1", { order: "asc" });
    expect((await catchError(call, RequestError)).outcome).toBe("foreign");
  });
});

test("the roles of messages aren't confidential, and all other strings are", () => {
  const messages = [{ role: "user", content: "Hello", fileIds: ["f-1"], metadata: { a: "b" } }];
  expect(listConfidential({ messages, metadata: { c: "d" } })).toEqual(["Hello", "f-1", "b", "d"]);
  expect(listConfidential({})).toEqual([]);
});

test.each(["..", ".", "", "a/b", "thread_1?x", "thread 1", "\ud800", "thread_1\n"])(
  "the ID %j, which would lead elsewhere, is refused before anything is sent",
  async (id) => {
    const { url, client, seen } = await answer();
    const at = { baseUrl: `${url}/api/v1` };
    for (const call of [
      async () => threads.fetch(client, at, id),
      async () => threads.update(client, at, id, {}),
      async () => threads.delete(client, at, id),
    ]) {
      await catchError(call(), ConfigurationError);
    }
    expect(seen).toEqual([]);
  },
);

/** Starts a server that answers each request with the next body, and makes a client. */
async function answer(...bodies: unknown[]) {
  const seen: Seen[] = [];
  const { url } = await startHttpServer(async (request, response) => {
    const body = bodies[seen.length];
    seen.push({
      request: `${request.method} ${request.url}`,
      headers: request.headers,
      body: await text(request),
    });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  return { url, client: connect(), seen };
}

function connect(): Client {
  return new Client({
    getCredential: () => ({ key: "sk-key", source: "a test" }),
    settings: {
      connectTimeout: 1,
      requestTimeout: 5,
      operationTimeout: 10,
      maxRetries: 0,
      maxConcurrency: 4,
    },
  });
}
