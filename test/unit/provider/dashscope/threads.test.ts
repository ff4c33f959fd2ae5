import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { Client } from "../../../../provider/src/dashscope/client";
import {
  ConfigurationError,
  CreateUncertainError,
  ThreadGoneError,
  UnexpectedAnswerError,
} from "../../../../provider/src/dashscope/errors";
import { defaultSettings } from "../../../../provider/src/dashscope/settings";
import { Threads } from "../../../../provider/src/dashscope/threads";
import { httpServer, type TestServer } from "../server";

interface Seen {
  readonly request: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const gone = {
  status: 400,
  body: {
    code: "InvalidParameter",
    message: "The specified thread has been deleted or does not exist.",
    request_id: "r",
  },
};
const threads = new Threads(new Client(() => "sk-key", defaultSettings));
const servers: TestServer[] = [];

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe("creating a thread", () => {
  test("posts what is declared, and nothing that is not", async () => {
    const { url, seen } = await answering({ id: "thread_1" });
    await threads.create({ baseUrl: `${url}/api/v1` }, {});
    await threads.create(
      { baseUrl: `${url}/api/v1`, workspace: "llm-1" },
      {
        messages: [{ role: "user", content: "Hi", file_ids: ["f"], metadata: { a: "b" } }],
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

  test("brings what is known of the thread, and leaves behind what is not", async () => {
    const { url } = await answering({
      id: "thread_1",
      object: "thread",
      created_at: 1711338305153,
      metadata: { a: "b" },
      request_id: "r-1",
      account_id: "sk-of-the-account",
    });
    expect(await threads.create({ baseUrl: url }, {})).toEqual({
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
  ])("understands the metadata %j", async (metadata, expected) => {
    const { url } = await answering({ id: "thread_1", metadata });
    expect((await threads.create({ baseUrl: url }, {})).metadata).toEqual(expected);
  });

  test.each([undefined, null, "soon", {}, [1, 2]])(
    "does without a time of creation: %j",
    async (created_at) => {
      const { url } = await answering({ id: "thread_1", created_at });
      expect(await threads.create({ baseUrl: url }, {})).not.toHaveProperty("createdAt");
    },
  );

  test.each([{}, { id: "" }, { id: 7 }, { id: "../x" }, [], null])(
    "owns up to a thread that may exist when the answer names none: %j",
    async (body) => {
      const { url } = await answering(body);
      await expect(threads.create({ baseUrl: url }, {})).rejects.toThrow(CreateUncertainError);
    },
  );

  test("shows no message and no metadata in its errors", async () => {
    const content = "Tell nobody about this";
    const { url } = await answering(
      { code: "InvalidParameter", message: `${content} value-of-a-label value-of-an-attachment` },
      400,
    );
    const creation = threads.create(
      { baseUrl: url },
      {
        messages: [{ role: "user", content, metadata: { a: "value-of-an-attachment" } }],
        metadata: { a: "value-of-a-label" },
      },
    );
    await expect(creation).rejects.toThrow('"[redacted] [redacted] [redacted]"');
  });
});

describe("retrieving a thread", () => {
  test("asks for it, in its workspace, with no body", async () => {
    const { url, seen } = await answering({ id: "thread_1", metadata: {} });
    await threads.retrieve({ baseUrl: `${url}/api/v1`, workspace: "llm-1" }, "thread_1");
    expect(seen[0]).toMatchObject({
      request: "GET /api/v1/threads/thread_1",
      headers: { "x-dashscope-workspace": "llm-1" },
      body: "",
    });
    expect(seen[0]?.headers).not.toHaveProperty("content-type");
  });

  test("brings nothing when DashScope says that it is gone", async () => {
    const { url } = await answering(gone.body, gone.status);
    expect(await threads.retrieve({ baseUrl: url }, "thread_1")).toBeUndefined();
  });

  test("does not take another thread for it", async () => {
    const { url } = await answering({ id: "thread_2" });
    await expect(threads.retrieve({ baseUrl: url }, "thread_1")).rejects.toThrow(UnexpectedAnswerError);
  });
});

describe("updating a thread", () => {
  test("posts the whole map", async () => {
    const { url, seen } = await answering({ id: "thread_1", metadata: {} });
    await threads.update({ baseUrl: `${url}/api/v1` }, "thread_1", { a: "b" });
    await threads.update({ baseUrl: `${url}/api/v1` }, "thread_1", {});
    expect(seen.map(({ request, body }) => [request, body])).toEqual([
      ["POST /api/v1/threads/thread_1", '{"metadata":{"a":"b"}}'],
      ["POST /api/v1/threads/thread_1", '{"metadata":{}}'],
    ]);
  });

  test("of a thread that is gone is an error that says what to do", async () => {
    const { url } = await answering(gone.body, gone.status);
    const update = threads.update({ baseUrl: url }, "thread_1", {});
    await expect(update).rejects.toThrow(ThreadGoneError);
    await expect(update).rejects.toThrow(/Could not update thread thread_1 at .*run `pulumi refresh`/);
  });

  test("shows neither the new nor the old texts in its errors", async () => {
    const { url } = await answering({ code: "InvalidParameter", message: "new-text old-text" }, 400);
    await expect(
      threads.update({ baseUrl: url }, "thread_1", { a: "new-text" }, ["old-text"]),
    ).rejects.toThrow('"[redacted] [redacted]"');
  });
});

describe("deleting a thread", () => {
  test("asks for it, with no body", async () => {
    const { url, seen } = await answering({ id: "thread_1", object: "thread.deleted", deleted: true });
    await threads.delete({ baseUrl: `${url}/api/v1` }, "thread_1");
    expect(seen[0]).toMatchObject({ request: "DELETE /api/v1/threads/thread_1", body: "" });
  });

  test("succeeds when DashScope says that it is gone already", async () => {
    const { url } = await answering(gone.body, gone.status);
    await expect(threads.delete({ baseUrl: url }, "thread_1")).resolves.toBeUndefined();
  });

  test("succeeds when its answer was lost and then nothing is found", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0);
    let requests = 0;
    const server = await httpServer((request, response) => {
      if (++requests === 1) request.socket.destroy();
      else response.writeHead(gone.status).end(JSON.stringify(gone.body));
    });
    servers.push(server);
    await expect(threads.delete({ baseUrl: server.url }, "thread_1")).resolves.toBeUndefined();
    expect(requests).toBe(2);
  });

  test.each([{}, { deleted: false }, { id: "thread_1" }, []])(
    "is not believed without a yes: %j",
    async (body) => {
      const { url } = await answering(body);
      await expect(threads.delete({ baseUrl: url }, "thread_1")).rejects.toThrow(UnexpectedAnswerError);
    },
  );
});

test.each(["..", ".", "", "a/b", "thread_1?x", "thread 1", "\ud800", "thread_1\n"])(
  "the id %j, which would lead elsewhere, is refused before anything is sent",
  async (id) => {
    const { url, seen } = await answering({ id, deleted: true });
    const place = { baseUrl: `${url}/api/v1` };
    for (const call of [
      threads.retrieve(place, id),
      threads.update(place, id, {}),
      threads.delete(place, id),
    ]) {
      await expect(call).rejects.toThrow(ConfigurationError);
    }
    expect(seen).toEqual([]);
  },
);

async function answering(body: unknown, status = 200) {
  const seen: Seen[] = [];
  const server = await httpServer(async (request, response) => {
    seen.push({
      request: `${request.method} ${request.url}`,
      headers: request.headers,
      body: await text(request),
    });
    response.writeHead(status).end(JSON.stringify(body));
  });
  servers.push(server);
  return { url: server.url, seen };
}
