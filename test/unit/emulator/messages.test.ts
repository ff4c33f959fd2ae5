import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Emulator } from "../../../emulator/src/index";
import { call, create, emulator, say } from "./requests";

let target: Emulator;
let thread: string;

beforeEach(async () => {
  target = await emulator();
  thread = await create(target);
});

describe("creating a message", () => {
  test("creating a message answers the documented object", async () => {
    const { status, headers, body } = await call(target, "POST", `/threads/${thread}/messages`, {
      body: { role: "assistant", content: "Who are you", file_ids: ["file_1"], metadata: { a: "b" } },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^message_[0-9a-f-]{36}$/),
      object: "thread.message",
      created_at: expect.any(Number),
      thread_id: thread,
      incomplete_details: {},
      completed_at: null,
      incomplete_at: null,
      assistant_id: "",
      run_id: "",
      file_ids: ["file_1"],
      role: "assistant",
      content: [{ type: "text", text: { value: "Who are you", annotations: [] } }],
      metadata: { a: "b" },
      name: "",
      plugin_call: {},
      tool_calls: [],
      status: "",
      request_id: headers.get("x-request-id"),
    });
  });

  test("the role of a message is `user` by default", async () => {
    const { body } = await call(target, "POST", `/threads/${thread}/messages`, { body: { content: "x" } });
    expect(body).toMatchObject({ role: "user", metadata: {}, file_ids: [] });
  });

  test("creating a message refuses a message without content and adds nothing", async () => {
    const answer = await call(target, "POST", `/threads/${thread}/messages`);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: "InvalidParameter", message: "`content` must be a string that is not empty." },
    });
    expect(target.threads()[0]?.messages).toEqual([]);
  });

  test("concurrent creates lose no message", async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => say(target, thread, `message ${index}`)));
    const contents = target.threads()[0]?.messages.map(({ content }) => content);
    expect(new Set(contents).size).toBe(50);
  });
});

describe("retrieving a message", () => {
  test("retrieving a message answers what its create answered", async () => {
    const created = await call(target, "POST", `/threads/${thread}/messages`, { body: { content: "x" } });
    const read = await call(target, "GET", `/threads/${thread}/messages/${created.body["id"]}`);
    expect(read.status).toBe(200);
    expect(read.body).toEqual({ ...created.body, request_id: read.headers.get("x-request-id") });
  });

  test.each([["of another thread"], ["of another form"], ["that never was"]])(
    "retrieving finds no message %s",
    async (which) => {
      const other = await create(target);
      const ids = new Map([
        ["of another thread", await say(target, other, "x")],
        ["of another form", "..%2f"],
        ["that never was", "message_00000000-0000-4000-8000-000000000000"],
      ]);
      for (const method of ["GET", "POST"])
        expect(await call(target, method, `/threads/${thread}/messages/${ids.get(which)}`)).toMatchObject({
          status: 400,
          body: {
            code: "InvalidParameter",
            message: "The specified message has been deleted or does not exist.",
          },
        });
    },
  );
});

describe("updating a message", () => {
  test("updating a message replaces its metadata and nothing else, and null changes nothing", async () => {
    const created = await call(target, "POST", `/threads/${thread}/messages`, {
      body: { content: "x", metadata: { a: "1" } },
    });
    const path = `/threads/${thread}/messages/${created.body["id"]}`;
    const updated = await call(target, "POST", path, { body: { metadata: { b: "2" } } });
    const expected = { ...created.body, metadata: { b: "2" }, request_id: expect.any(String) };
    expect(updated.body).toEqual(expected);
    expect((await call(target, "GET", path)).body).toEqual(expected);
    expect((await call(target, "POST", path, { body: { metadata: null } })).body).toEqual(expected);
  });
});

describe("listing messages", () => {
  /** Ten messages "0" to "9"; pages are written as the digits of what they hold. */
  let ids: string[];

  beforeEach(async () => {
    thread = await create(target, {
      messages: Array.from({ length: 10 }, (_, index) => ({ role: "user", content: String(index) })),
    });
    ids =
      target
        .threads()
        .at(-1)
        ?.messages.map(({ id }) => id) ?? [];
  });

  async function list(query: string): Promise<{ page: string; more: unknown }> {
    const { body } = await call(target, "GET", `/threads/${thread}/messages${query}`);
    const { data, first_id, last_id, has_more } = body;
    if (!Array.isArray(data)) throw new Error(`No list: ${JSON.stringify(body)}`);
    const listed = data.map(({ id }: { id: string }) => id);
    expect(first_id).toBe(listed.at(0) ?? null);
    expect(last_id).toBe(listed.at(-1) ?? null);
    return { page: listed.map((id) => ids.indexOf(id)).join(""), more: has_more };
  }

  test("a list answers the documented envelope of whole messages", async () => {
    const { status, headers, body } = await call(target, "GET", `/threads/${thread}/messages?limit=1`);
    expect(status).toBe(200);
    const message = await call(target, "GET", `/threads/${thread}/messages/${ids[9]}`);
    const { request_id, ...withoutRequestId } = message.body;
    expect(body).toEqual({
      object: "list",
      data: [withoutRequestId],
      first_id: ids[9],
      last_id: ids[9],
      has_more: true,
      request_id: headers.get("x-request-id"),
    });
  });

  test("a list has the newest message first by default", async () => {
    expect(await list("")).toEqual({ page: "9876543210", more: false });
    expect(await list("?order=desc")).toEqual({ page: "9876543210", more: false });
    expect(await list("?order=asc")).toEqual({ page: "0123456789", more: false });
  });

  test("a list has 20 messages by default", async () => {
    for (let index = 0; index < 15; index++) await say(target, thread, "more");
    const { body } = await call(target, "GET", `/threads/${thread}/messages`);
    expect(body).toMatchObject({ data: { length: 20 }, has_more: true });
  });

  test("`after` continues after a message, in either order", async () => {
    expect(await list(`?limit=3&after=${ids[7]}`)).toEqual({ page: "654", more: true });
    expect(await list(`?limit=3&after=${ids[3]}`)).toEqual({ page: "210", more: false });
    expect(await list(`?limit=3&order=asc&after=${ids[3]}`)).toEqual({ page: "456", more: true });
    expect(await list(`?order=asc&after=${ids[9]}`)).toEqual({ page: "", more: false });
  });

  test("`before` ends before a message, in either order", async () => {
    expect(await list(`?limit=3&before=${ids[4]}`)).toEqual({ page: "765", more: true });
    expect(await list(`?limit=3&order=asc&before=${ids[4]}`)).toEqual({ page: "123", more: true });
    expect(await list(`?order=asc&before=${ids[2]}`)).toEqual({ page: "01", more: false });
    expect(await list(`?before=${ids[9]}`)).toEqual({ page: "", more: false });
  });

  test("`after` and `before` select the messages between two", async () => {
    expect(await list(`?order=asc&after=${ids[2]}&before=${ids[6]}`)).toEqual({ page: "345", more: false });
    expect(await list(`?limit=2&after=${ids[6]}&before=${ids[2]}`)).toEqual({ page: "54", more: true });
    expect(await list(`?order=asc&after=${ids[6]}&before=${ids[2]}`)).toEqual({ page: "", more: false });
  });

  test("pages lead through all messages", async () => {
    const pages: string[] = [];
    let after = "";
    for (let more: unknown = true; more; ) {
      const found: { page: string; more: unknown } = await list(`?limit=4${after}`);
      pages.push(found.page);
      more = found.more;
      after = `&after=${ids[Number(found.page.at(-1))]}`;
    }
    expect(pages).toEqual(["9876", "5432", "10"]);
  });

  test("the list of a thread without messages is empty", async () => {
    const { body } = await call(target, "GET", `/threads/${await create(target)}/messages`);
    expect(body).toMatchObject({ object: "list", data: [], first_id: null, last_id: null, has_more: false });
  });

  test.each([
    ["limit=0", "`limit` must be a whole number from 1 to 100."],
    ["limit=101", "`limit` must be a whole number from 1 to 100."],
    ["limit=x", "`limit` must be a whole number from 1 to 100."],
    ["limit=1&limit=2", "`limit` must be a whole number from 1 to 100."],
    ["order=up", '`order` must be "asc" or "desc".'],
    ["after=message_1", "`after` and `before` must be IDs of messages in the thread."],
    ["before=message_1", "`after` and `before` must be IDs of messages in the thread."],
    ["after=a&after=b", "`after` must be given once."],
  ])("a list refuses %s", async (query, message) => {
    const answer = await call(target, "GET", `/threads/${thread}/messages?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: "InvalidParameter", message } });
  });
});

describe("the files of a message", () => {
  test("the files of a message are listed and retrieved by their IDs", async () => {
    const { body: message } = await call(target, "POST", `/threads/${thread}/messages`, {
      body: { content: "x", file_ids: ["file_1", "file_2"] },
    });
    const file = {
      id: "file_2",
      object: "thread.message.file",
      created_at: message["created_at"],
      message_id: message["id"],
    };
    const path = `/threads/${thread}/messages/${message["id"]}/files`;
    expect((await call(target, "GET", path)).body).toMatchObject({
      object: "list",
      data: [{ ...file, id: "file_1" }, file],
      first_id: "file_1",
      last_id: "file_2",
      has_more: false,
    });
    expect((await call(target, "GET", `${path}/file_2`)).body).toEqual({
      ...file,
      request_id: expect.any(String),
    });
    expect(await call(target, "GET", `${path}/file_3`)).toMatchObject({
      status: 400,
      body: { code: "InvalidParameter", message: "The specified file has been deleted or does not exist." },
    });
  });
});
