import { beforeEach, describe, expect, test } from "@jest/globals";
import { Clock } from "../../../emulator/src/clock";
import { DataFile } from "../../../emulator/src/dataFile";
import type { Emulator } from "../../../emulator/src/index";
import { ThreadStore } from "../../../emulator/src/threadStore";
import { call, create, emulator, expectMissing, gone, say, strangeThread } from "./requests";

let target: Emulator;

beforeEach(async () => {
  target = await emulator();
});

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

describe("creating a thread", () => {
  test("creating a thread answers the documented object", async () => {
    const before = Date.now();
    const { status, headers, body } = await call(target, "POST", "/threads", {
      body: { metadata: { team: "support" }, messages: [{ role: "user", content: "Hello" }] },
    });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(body).toEqual({
      id: expect.stringMatching(new RegExp(`^thread_${uuid}$`)),
      object: "thread",
      created_at: expect.any(Number),
      metadata: { team: "support" },
      request_id: headers.get("x-request-id"),
    });
    expect(body["created_at"]).toBeGreaterThanOrEqual(before);
    expect(body["created_at"]).toBeLessThanOrEqual(Date.now());
  });

  test.each([
    ["nothing", undefined],
    ["the empty string as JSON, as Python sends", '""'],
    ["an empty object, as Java sends", "{}"],
    ["null", "null"],
    ["white space", " \n"],
    ["fields that are null", '{"messages":null,"metadata":null}'],
  ])("creating a thread with %s makes an empty thread", async (_name, body) => {
    const answer = await call(target, "POST", "/threads", body === undefined ? {} : { body });
    expect(answer.status).toBe(200);
    expect(answer.body["metadata"]).toEqual({});
    expect(target.threads()).toMatchObject([{ id: answer.body["id"], metadata: {}, messages: [] }]);
  });

  test.each([["text/plain"], ["application/json; charset=utf-8"], ["nonsense"], [""]])(
    "creating a thread reads the body as JSON under the content type %j",
    async (contentType) => {
      const { body } = await call(target, "POST", "/threads", {
        body: { metadata: { a: "b" } },
        headers: { "content-type": contentType },
      });
      expect(body["metadata"]).toEqual({ a: "b" });
    },
  );

  test("creating a thread keeps the messages in their order", async () => {
    await create(target, {
      messages: [
        { role: "user", content: "Question", file_ids: ["file_1"], metadata: { n: "1" } },
        { role: "assistant", content: "Answer" },
      ],
    });
    expect(target.threads()[0]?.messages).toMatchObject([
      { role: "user", content: "Question", fileIds: ["file_1"], metadata: { n: "1" } },
      { role: "assistant", content: "Answer", fileIds: [], metadata: {} },
    ]);
  });

  test.each([
    ["{", "The request body"],
    ["[]", "The request body"],
    ["7", "The request body"],
    ['{"metadata":"x"}', "`metadata`"],
    ['{"metadata":[]}', "`metadata`"],
    ['{"messages":{}}', "`messages`"],
    ['{"messages":["x"]}', "`messages[0]`"],
    ['{"messages":[{"role":"system","content":"x"}]}', "`messages[0].role`"],
    ['{"messages":[{"role":"user","content":"x"},{"role":"user"}]}', "`messages[1].content`"],
    ['{"messages":[{"role":"user","content":""}]}', "`messages[0].content`"],
    ['{"messages":[{"content":"x","file_ids":[1]}]}', "`messages[0].file_ids[0]`"],
    ['{"messages":[{"content":"x","metadata":1}]}', "`messages[0].metadata`"],
  ])("creating a thread refuses %s with an error that names %s, and creates nothing", async (body, field) => {
    const answer = await call(target, "POST", "/threads", { body });
    expect(answer).toMatchObject({ status: 400, body: { code: "InvalidParameter" } });
    expect(answer.body["message"]).toContain(`${field} `);
    expect(answer.body["message"]).toMatchSnapshot();
    expect(target.threads()).toEqual([]);
  });

  test("a thread keeps every key and string that JSON can carry", async () => {
    const metadata = '{"__proto__":"x","":"empty","\\ud800":"half","n\\u0000l":"é"}';
    const { body } = await call(target, "POST", "/threads", { body: `{"metadata":${metadata}}` });
    const read = await call(target, "GET", `/threads/${body["id"]}`);
    expect(JSON.stringify(read.body["metadata"])).toBe(JSON.stringify(JSON.parse(metadata)));
  });
});

describe("retrieving a thread", () => {
  test("retrieving a thread answers what its create answered, without messages", async () => {
    const created = await call(target, "POST", "/threads", {
      body: { metadata: { a: "b" }, messages: [{ role: "user", content: "x" }] },
    });
    const { status, body, headers } = await call(target, "GET", `/threads/${created.body["id"]}`, {
      headers: { "content-type": "application/json" },
    });
    expect(status).toBe(200);
    expect(body).toEqual({ ...created.body, request_id: headers.get("x-request-id") });
    expect(body["request_id"]).not.toBe(created.body["request_id"]);
  });
});

describe("updating a thread", () => {
  test("updating a thread replaces its metadata and nothing else", async () => {
    const created = await call(target, "POST", "/threads", { body: { metadata: { a: "1", b: "2" } } });
    const updated = await call(target, "POST", `/threads/${created.body["id"]}`, {
      body: { metadata: { b: "3" } },
    });
    const expected = { ...created.body, metadata: { b: "3" }, request_id: expect.any(String) };
    expect(updated.body).toEqual(expected);
    expect((await call(target, "GET", `/threads/${created.body["id"]}`)).body).toEqual(expected);
  });

  test.each([[undefined], ['""'], ["{}"], ["null"], ['{"metadata":null}']])(
    "updating a thread with %j changes nothing",
    async (body) => {
      const id = await create(target, { metadata: { a: "1" } });
      const answer = await call(target, "POST", `/threads/${id}`, body === undefined ? {} : { body });
      expect(answer).toMatchObject({ status: 200, body: { metadata: { a: "1" } } });
    },
  );

  test("updating a thread with empty metadata clears its metadata", async () => {
    const id = await create(target, { metadata: { a: "1" } });
    const { body } = await call(target, "POST", `/threads/${id}`, { body: { metadata: {} } });
    expect(body["metadata"]).toEqual({});
  });

  test.each([["PUT"], ["PATCH"]])("%s doesn't update a thread", async (method) => {
    const id = await create(target, { metadata: { a: "1" } });
    const answer = await call(target, method, `/threads/${id}`, { body: { metadata: {} } });
    expect(answer).toMatchObject({ status: 404, body: { code: "NotFound", message: "Not found!" } });
    expect(target.threads()[0]?.metadata).toEqual({ a: "1" });
  });
});

describe("deleting a thread", () => {
  test("deleting a thread answers the documented object and deletes the messages", async () => {
    const id = await create(target, { messages: [{ role: "user", content: "x" }] });
    const messageId = await say(target, id, "y");
    const kept = await create(target);
    const { status, headers, body } = await call(target, "DELETE", `/threads/${id}`, {
      headers: { "content-type": "application/json" },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      id,
      object: "thread.deleted",
      deleted: true,
      request_id: headers.get("x-request-id"),
    });
    expect(target.threads().map((thread) => thread.id)).toEqual([kept]);
    for (const path of [`/threads/${id}/messages`, `/threads/${id}/messages/${messageId}`])
      expect(await call(target, "GET", path)).toMatchObject({ status: 400, body: gone });
  });
});

describe("a thread that is not there", () => {
  const ids: [string, string][] = [
    ["never was", strangeThread],
    ["has an id of another form", "thread_1"],
    ["has a very long id", `thread_${"a".repeat(3000)}`],
    ["has an id that looks like a path", "..%2f..%2fetc%2fpasswd"],
    ["has an id with a NUL", "thread_%00"],
    ["is named like a property of objects", "__proto__"],
  ];

  test.each(ids)("every call answers that a thread doesn't exist when it %s", async (_name, id) => {
    await expectMissing(target, id);
  });

  test("every call answers that a deleted thread doesn't exist", async () => {
    const id = await create(target);
    await call(target, "DELETE", `/threads/${id}`);
    await expectMissing(target, id);
  });
});

test("the data file keeps no message of a deleted thread", () => {
  const file = DataFile.createTemporary();
  const store = new ThreadStore(file, new Clock());
  const owner = { account: undefined, workspace: undefined };
  const thread = store.createThread(owner, {}, [{ role: "user", content: "x", fileIds: [], metadata: {} }]);
  expect(file.keys(`messages/${thread.id}`)).toHaveLength(1);
  store.deleteThread(thread);
  expect(file.keys(`messages/${thread.id}`)).toEqual([]);
  file.close();
});

test("only one of concurrent deletes succeeds", async () => {
  const id = await create(target);
  const answers = await Promise.all([1, 2, 3].map(() => call(target, "DELETE", `/threads/${id}`)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
});
