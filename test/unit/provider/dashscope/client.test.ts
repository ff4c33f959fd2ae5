import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  type Call,
  Client,
  type ClientSettings,
  type CreateJournal,
} from "../../../../provider/src/dashscope/client";
import {
  ConfigurationError,
  CreateUncertainError,
  DashScopeError,
  RequestError,
} from "../../../../provider/src/dashscope/errors";
import type { OutcomeName } from "../../../../provider/src/dashscope/outcomes";
import {
  catchError,
  findClosedUrl,
  type Step,
  startHttpServer,
  startRawServer,
  startScript,
  type TestServer,
} from "../testServer";

const key = "sk-0123456789abcdef";
const requestId = "7a1c-from-the-body";

beforeEach(() => {
  // No backoff between attempts, unless a server asks for it.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  jest.restoreAllMocks();
  delete process.env["DASHSCOPE_REQUEST_LOG"];
});

const ok: Step = { status: 200, body: { id: "thread_1" } };
const refuse = (status: number, code: string, message = "no", headers = {}): Step => ({
  status,
  body: { code, message, request_id: requestId },
  headers,
});
const throttling = refuse(429, "Throttling.RateQuota", "Slow down.");
const create: Partial<Call<string>> = { creates: "thread" };
const read: Partial<Call<string>> = {};

describe.each([
  ["a create", create],
  ["any other call", read],
])("%s", (name, kind) => {
  test(`${name} returns what it reads from the answer`, async () => {
    const { url } = await startScript([ok]);
    await expect(perform(url, kind)).resolves.toBe("thread_1");
  });

  test.each<[number, string, OutcomeName]>([
    [404, "WorkSpaceNotFound", "workspace"],
    [401, "InvalidApiKey", "authentication"],
    [403, "AccessDenied", "permission"],
    [400, "InvalidParameter", "refused"],
    [429, "CommodityNotPurchased", "billing"],
    [429, "SomethingElse", "refused"],
  ])(`${name} is sent once if it's refused with %d %s`, async (status, code, outcome) => {
    const { url, countRequests } = await startScript([refuse(status, code), ok]);
    const error = await catchError(perform(url, kind), RequestError);
    expect(error).toMatchObject({ outcome, status, apiCode: code, requestId });
    expect(countRequests()).toBe(1);
  });

  test(`${name} is repeated while it's throttled, however few retries are allowed`, async () => {
    const { url, countRequests } = await startScript([throttling, throttling, throttling, ok]);
    await expect(perform(url, kind, { maxRetries: 0 })).resolves.toBe("thread_1");
    expect(countRequests()).toBe(4);
  });

  test(`${name} is repeated if it was provably never sent, and fails as a network error`, async () => {
    const error = await catchError(perform(await findClosedUrl(), kind, { maxRetries: 3 }), RequestError);
    expect(error.outcome).toBe("connection");
    expect(error.message).toContain("at the last of 4 attempts");
  });

  test(`${name} fails at once if the cooldown is longer than its time, and so does the next one`, async () => {
    const { url, countRequests } = await startScript([
      refuse(429, "Throttling", "no", { "retry-after": "3600" }),
      ok,
    ]);
    const client = buildClient();
    const call = () => catchError(client.perform(buildCall(kind), { baseUrl: url }), RequestError);
    const error = await call();
    expect(error).toMatchObject({ outcome: "throttled", status: 429, requestId });
    // A server that asks for an hour isn't believed for more than a minute.
    expect(error.message).toContain("60 s");
    expect(await call()).toMatchObject({ outcome: "throttled", status: undefined });
    expect(countRequests()).toBe(1);
  });

  test(`${name} isn't sent without a key`, async () => {
    const { url, countRequests } = await startScript([ok]);
    const getCredential = () => {
      throw new DashScopeError("DASHSCOPE_ERR_NO_KEY", "There is no key.");
    };
    const client = new Client({ getCredential, settings: buildSettings() });
    const error = await catchError(client.perform(buildCall(kind), { baseUrl: url }), DashScopeError);
    expect(error.code).toBe("DASHSCOPE_ERR_NO_KEY");
    expect(countRequests()).toBe(0);
  });

  test(`${name} isn't sent to a recorded base URL that could leak the key`, async () => {
    await catchError(perform("http://10.0.0.1/api/v1", kind), ConfigurationError);
  });

  test(`${name} shows no key and nothing confidential that the server repeats`, async () => {
    const said = `key ${key}, content "Tell nobody about it", also Tell nobody a…`;
    for (const step of [refuse(400, "InvalidParameter", said), refuse(400, said), refuse(500, "x", said)]) {
      const { url } = await startScript([step]);
      const call = perform(url, { ...kind, confidential: ["Tell nobody about it"] }, { maxRetries: 0 });
      const error = await catchError(call, DashScopeError);
      expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/0123|Tell no/);
    }
  });
});

describe("a create", () => {
  test.each<[string, Step]>([
    ["the connection is dropped", "drop"],
    ["no answer comes in time", "hang"],
    ["DashScope fails", refuse(500, "InternalError")],
    ["DashScope times out", refuse(408, "RequestTimeOut")],
    ["DashScope is unavailable", refuse(503, "ModelUnavailable")],
    ["a gateway says that the path doesn't exist", refuse(404, "NotFound")],
    ["a proxy answers", { status: 502, body: "<html>" }],
    ["a proxy says that there is no such page", { status: 404, body: "<html>" }],
    ["a proxy throttles", { status: 429, body: "<html>" }],
    ["the answer isn't JSON", { status: 200, body: "<html>" }],
    ["the answer isn't a thread", { status: 200, body: { code: "x" } }],
  ])("a create is sent once and reported as uncertain if %s", async (_, step) => {
    const { url, countRequests } = await startScript([step, ok]);
    const before = Date.now();
    const error = await catchError(perform(url, create, { requestTimeout: 0.1 }), CreateUncertainError);
    expect(error).toMatchObject({ code: "DASHSCOPE_ERR_CREATE_UNCERTAIN", createdId: undefined });
    const sentAt = /sent at (\S+Z)/.exec(error.message)?.[1] ?? "";
    expect(Date.parse(sentAt)).toBeGreaterThanOrEqual(before);
    expect(countRequests()).toBe(1);
  });

  test("an uncertain create names the request ID of the answer", async () => {
    const { url } = await startScript([refuse(500, "InternalError")]);
    const error = await catchError(perform(url, create), CreateUncertainError);
    expect(error.requestId).toBe(requestId);
    expect(error.message).toContain(requestId);
  });

  test.each([
    ['{"id":"thread_1a-2b","object":"thr', "thread_1a-2b"],
    ['{"request_id":"x","id" : "thread_9"', "thread_9"],
    ['{"metadata":{"id":"thread_of_a_value"},"id":"thread_9","ob', "thread_9"],
    ['{"id":"thread_1a-2', undefined],
  ])("an uncertain create takes the ID from the damaged answer %s", async (half, createdId) => {
    const { url } = await startRaw(`HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n${half}`);
    const call = perform(url, { ...create, confidential: ["thread_of_a_value"] });
    expect(await catchError(call, CreateUncertainError)).toHaveProperty("createdId", createdId);
  });

  test("a create whose answer can't be read is uncertain and names the ID", async () => {
    const { url, countRequests } = await startScript([ok, ok]);
    const readBody = () => {
      throw new RangeError("Maximum call stack size exceeded");
    };
    const error = await catchError(perform(url, { ...create, read: readBody }), CreateUncertainError);
    expect(error).toMatchObject({ createdId: "thread_1", status: 200 });
    expect(countRequests()).toBe(1);
  });

  test("the second of two creates that are answered with the same ID is uncertain and doesn't name it", async () => {
    const { url } = await startScript([ok, ok]);
    const { journal, lines } = recordJournal();
    const client = buildClient({}, journal);
    await expect(client.perform(buildCall(create), { baseUrl: url })).resolves.toBe("thread_1");
    const second = client.perform(buildCall(create), { baseUrl: url });
    // The thread belongs to the first create, so nobody may be told to delete it.
    const error = await catchError(second, CreateUncertainError);
    expect(error.createdId).toBeUndefined();
    expect(error.message).not.toContain("thread_1");
    expect(lines).toEqual(["sent", "created thread_1", "sent", "uncertain undefined"]);
  });

  test("a create doesn't become uncertain because the server closes an idle connection", async () => {
    let answers = 0;
    const { url } = await startRawServer((socket) => {
      socket.once("data", () => {
        const body = `{"id":"thread_${++answers}"}`;
        socket.write(
          `HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
        socket.once("data", () => socket.destroy());
      });
    });
    const client = buildClient();
    for (let count = 1; count <= 4; count++) {
      await expect(client.perform(buildCall(create), { baseUrl: url })).resolves.toBe(`thread_${count}`);
      await sleep(200);
    }
  });

  test("a create isn't sent without time for its answer", async () => {
    const { url, countRequests } = await startScript([
      refuse(429, "Throttling", "no", { "retry-after": "0.7" }),
      "hang",
    ]);
    const error = await catchError(
      perform(url, create, { requestTimeout: 1, operationTimeout: 1.2 }),
      RequestError,
    );
    expect(error.outcome).toBe("throttled");
    expect(countRequests()).toBe(1);
  });
});

describe("the journal of creates", () => {
  test.each<[string, Step[], string[]]>([
    ["succeeds", [ok], ["sent", "created thread_1"]],
    ["is throttled first", [throttling, ok], ["sent", "refused", "sent", "created thread_1"]],
    ["is refused", [refuse(400, "x")], ["sent", "refused"]],
    ["loses its answer", ["drop"], ["sent", "uncertain undefined"]],
    ["has an unreadable answer", [{ status: 500, body: '{"id":"thread_7"' }], ["sent", "uncertain thread_7"]],
  ])("the journal records each attempt of a create that %s", async (_, steps, expected) => {
    const { url } = await startScript(steps);
    const { journal, lines } = recordJournal();
    const client = buildClient({}, journal);
    await client.perform(buildCall(create), { baseUrl: url }).catch(() => undefined);
    expect(lines).toEqual(expected);
  });

  test("a call that creates nothing isn't journaled", async () => {
    const { url } = await startScript([ok]);
    const { journal, lines } = recordJournal();
    await buildClient({}, journal).perform(buildCall(read), { baseUrl: url });
    expect(lines).toEqual([]);
  });

  test("a create that the journal doesn't let pass isn't sent", async () => {
    const { url, countRequests } = await startScript([ok]);
    const { journal, lines } = recordJournal();
    const prepare = () =>
      Promise.reject(new DashScopeError("DASHSCOPE_ERR_INTERRUPTED", "Pulumi has ended."));
    const client = buildClient({}, { ...journal, prepare });
    await catchError(client.perform(buildCall(create), { baseUrl: url }), DashScopeError);
    expect(countRequests()).toBe(0);
    expect(lines).toEqual([]);
  });
});

test("an answer that the thread is gone only refuses a create, which names none", async () => {
  const gone = "The specified thread has been deleted or does not exist.";
  const { url } = await startScript(Array(2).fill(refuse(400, "InvalidParameter", gone)));
  expect(await catchError(perform(url, create), RequestError)).toHaveProperty("outcome", "refused");
  expect(await catchError(perform(url, read), RequestError)).toHaveProperty("outcome", "gone");
});

test("a call that adds something isn't repeated after it left, and isn't uncertain", async () => {
  const { url, countRequests } = await startScript(["drop", ok]);
  const error = await catchError(perform(url, { adds: true }), RequestError);
  expect(error.outcome).toBe("connection");
  expect(countRequests()).toBe(1);
});

describe("any other call", () => {
  test.each<[string, Step, OutcomeName]>([
    ["the connection is dropped", "drop", "connection"],
    ["no answer comes in time", "hang", "timeout"],
    ["DashScope fails", refuse(500, "InternalError"), "unavailable"],
    ["a proxy answers", { status: 502, body: "<html>" }, "foreignTemporary"],
    ["a proxy throttles", { status: 429, body: "<html>" }, "foreignTemporary"],
  ])("a call is repeated up to the number of retries if %s", async (_, step, outcome) => {
    const passing = await startScript([step, step, ok]);
    await expect(perform(passing.url, read, { requestTimeout: 0.1 })).resolves.toBe("thread_1");
    expect(passing.countRequests()).toBe(3);

    const lasting = await startScript(Array(5).fill(step));
    const error = await catchError(
      perform(lasting.url, read, { requestTimeout: 0.1, maxRetries: 2 }),
      RequestError,
    );
    expect(error.outcome).toBe(outcome);
    expect(error.message).toContain("at the last of 3 attempts");
    expect(lasting.countRequests()).toBe(3);
  });

  test.each<[string, Step]>([
    ["a gateway says that the path doesn't exist", refuse(404, "NotFound")],
    ["a proxy says that there is no such page", { status: 404, body: "<html>" }],
    ["the answer isn't JSON", { status: 200, body: "<html>" }],
    ["the answer isn't what was asked for", { status: 200, body: { code: "x" } }],
  ])("a call is sent once if %s, which no retry changes", async (_, step) => {
    const { url, countRequests } = await startScript([step, ok]);
    expect(await catchError(perform(url, read), RequestError)).toHaveProperty("outcome", "foreign");
    expect(countRequests()).toBe(1);
  });

  test("a call is repeated if the answer breaks off", async () => {
    const { url, countConnections } = await startRaw("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{");
    const error = await catchError(perform(url, read, { maxRetries: 2 }), RequestError);
    expect(error.outcome).toBe("connection");
    expect(countConnections()).toBe(3);
  });

  test("a call that can't be sent isn't repeated, and the key isn't shown", async () => {
    const getCredential = () => ({ key: "two\nlines", source: "a test" });
    const client = new Client({ getCredential, settings: buildSettings() });
    const call = client.perform(buildCall(read), { baseUrl: "http://127.0.0.1:1" });
    const error = await catchError(call, RequestError);
    expect(error.outcome).toBe("connectionPermanent");
    expect(error.message).not.toMatch(/attempts|lines/);
  });

  test("a call ends with the time of its operation, in the middle of an attempt", async () => {
    const { url } = await startScript(["hang"]);
    const call = perform(url, read, { requestTimeout: 60, operationTimeout: 0.1 });
    expect(await catchError(call, RequestError)).toHaveProperty("outcome", "timeout");
  });

  test("an authentication error names the source of the key", async () => {
    const { url } = await startScript([refuse(401, "InvalidApiKey")]);
    const error = await catchError(perform(url, read), RequestError);
    expect(error.message).toContain("the key in `DASHSCOPE_API_KEY`");
  });
});

describe("the calls of one client", () => {
  test("refusals far apart don't add up, because each answer resets the cooldown", async () => {
    const { url, countRequests } = await startScript(Array(8).fill([throttling, ok]).flat());
    const client = buildClient();
    for (let count = 0; count < 8; count++) await client.perform(buildCall(read), { baseUrl: url });
    expect(countRequests()).toBe(16);
  });

  test("a `Retry-After` of any failure holds all calls", async () => {
    const { url, times } = await startScript([
      refuse(503, "ModelUnavailable", "no", { "retry-after": "0.15" }),
      ok,
      ok,
      ok,
    ]);
    const client = buildClient();
    const call = () => client.perform(buildCall(read), { baseUrl: url });
    const first = call();
    while (times.length === 0) await sleep(1);
    await sleep(20);
    await Promise.all([first, call(), call()]);
    const [refused = 0, ...others] = times;
    expect(others).toHaveLength(3);
    for (const time of others) expect(time - refused).toBeGreaterThanOrEqual(145);
  });

  test("no more calls are under way than allowed", async () => {
    let running = 0;
    let most = 0;
    let created = 0;
    const { url } = await startHttpServer(async (_, response) => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
      response.end(`{"id":"thread_${++created}"}`);
    });
    const client = buildClient({ maxConcurrency: 3 });
    const calls = Array.from({ length: 30 }, (_, at) => buildCall(at % 2 === 0 ? read : create));
    await Promise.all(calls.map((call) => client.perform(call, { baseUrl: url })));
    expect(most).toBe(3);
  });

  test("the time of an operation counts from its first turn, not from the queue", async () => {
    const { url } = await startHttpServer((_, response) => {
      setTimeout(() => response.end('{"id":"thread_1"}'), 150);
    });
    const client = buildClient({ maxConcurrency: 1, operationTimeout: 0.4 });
    const calls = Array.from({ length: 5 }, () => client.perform(buildCall(read), { baseUrl: url }));
    await expect(Promise.all(calls)).resolves.toHaveLength(5);
  });
});

describe("the request log", () => {
  test("the request log is off by default, and has a line for each attempt without key, body or what a server repeats of them", async () => {
    const log = jest.spyOn(console, "error").mockImplementation(() => undefined);
    const { url } = await startScript([ok, refuse(500, key, "Tell nobody"), ok]);
    await perform(url, read);
    expect(log).not.toHaveBeenCalled();

    process.env["DASHSCOPE_REQUEST_LOG"] = "1";
    await perform(url, { ...read, body: { content: "Tell nobody" }, confidential: ["Tell nobody"] });
    const [first, second, ...more] = log.mock.calls.map(([line]) => String(line));
    expect(first).toMatch(
      /^dashscope: POST \/threads 500 unavailable request id 7a1c-from-the-body, attempt 1, \d+ ms$/,
    );
    expect(second).toMatch(/^dashscope: POST \/threads 200 success request id -, attempt 2, \d+ ms$/);
    expect(more).toEqual([]);
  });
});

describe("an interruption", () => {
  const interrupted = (controller: AbortController, settings: Partial<ClientSettings> = {}) =>
    new Client({
      getCredential: () => ({ key, source: "`DASHSCOPE_API_KEY`" }),
      settings: buildSettings({ operationTimeout: 60, ...settings }),
      interruption: controller.signal,
    });

  test("an interruption ends a cooldown at once, and nothing is sent after it", async () => {
    const script = await startScript([refuse(429, "Throttling", "slow", { "retry-after": "50" }), ok]);
    const controller = new AbortController();
    const client = interrupted(controller);
    const attempt = catchError(
      client.perform(buildCall({ creates: "thread" }), { baseUrl: script.url }),
      DashScopeError,
    );
    while (script.countRequests() === 0) await sleep(5);
    controller.abort();
    expect((await attempt).code).toBe("DASHSCOPE_ERR_INTERRUPTED");
    const later = await catchError(client.perform(buildCall({}), { baseUrl: script.url }), DashScopeError);
    expect(later.code).toBe("DASHSCOPE_ERR_INTERRUPTED");
    expect(script.countRequests()).toBe(1);
  });

  test("an interruption ends what is queued, and waits for a create that was sent", async () => {
    let answer = () => undefined as unknown;
    const { url } = await startHttpServer((_, response) => {
      answer = () => response.end(JSON.stringify({ id: "thread_1" }));
    });
    const controller = new AbortController();
    const client = interrupted(controller, { maxConcurrency: 1 });
    const sent = client.perform(buildCall({ creates: "thread" }), { baseUrl: url });
    const queued = catchError(
      client.perform(buildCall({ creates: "thread" }), { baseUrl: url }),
      DashScopeError,
    );
    await sleep(50);
    controller.abort();
    expect((await queued).code).toBe("DASHSCOPE_ERR_INTERRUPTED");
    answer();
    expect(await sent).toBe("thread_1");
  });
});

describe("the time that an operation is given", () => {
  test("the time of an operation ends its cooldown, and stands in the error", async () => {
    const script = await startScript(Array.from({ length: 50 }, () => refuse(429, "Throttling")));
    const client = buildClient({ operationTimeout: 60 }).within(0.5);
    const error = await catchError(client.perform(buildCall({}), { baseUrl: script.url }), RequestError);
    expect(error.outcome).toBe("throttled");
    expect(error.message).toContain("0.5 s");
  });

  test("the time of an operation ends its wait in the queue behind another one", async () => {
    const { url } = await startHttpServer(() => undefined);
    const client = buildClient({ requestTimeout: 60, operationTimeout: 60, maxConcurrency: 1 });
    const other = client
      .within(1)
      .perform(buildCall({}), { baseUrl: url })
      .catch(() => undefined);
    const error = await catchError(client.within(0.2).perform(buildCall({}), { baseUrl: url }), RequestError);
    expect(error.outcome).toBe("timeout");
    expect(error.message).toContain("0.2 s");
    await other;
  });
});

function buildSettings(more: Partial<ClientSettings> = {}): ClientSettings {
  return {
    connectTimeout: 1,
    requestTimeout: 1,
    operationTimeout: 2,
    maxRetries: 5,
    maxConcurrency: 16,
    ...more,
  };
}

function buildClient(settings: Partial<ClientSettings> = {}, journal?: CreateJournal): Client {
  return new Client({
    getCredential: () => ({ key, source: "`DASHSCOPE_API_KEY`" }),
    settings: buildSettings(settings),
    ...(journal && { journal }),
  });
}

function buildCall(more: Partial<Call<string>>): Call<string> {
  return {
    action: "create a thread",
    api: "native",
    method: "POST",
    path: ["threads"],
    body: {},
    confidential: [],
    read: (body) =>
      typeof body === "object" && body !== null && "id" in body && typeof body.id === "string"
        ? body.id
        : undefined,
    ...more,
  };
}

function perform(
  baseUrl: string,
  kind: Partial<Call<string>>,
  settings: Partial<ClientSettings> = {},
): Promise<string> {
  return buildClient(settings).perform(buildCall(kind), { baseUrl });
}

/** A journal that lists what it's told. */
function recordJournal() {
  const lines: string[] = [];
  const journal: CreateJournal = {
    prepare: async () => undefined,
    begin() {
      lines.push("sent");
      return {
        created: (id) => lines.push(`created ${id}`),
        refused: () => lines.push("refused"),
        uncertain: (id) => lines.push(`uncertain ${id}`),
      };
    },
  };
  return { journal, lines };
}

/** Starts a server that answers each connection with the same bytes, and hangs up. */
function startRaw(said: string): Promise<TestServer> {
  return startRawServer((socket) => socket.once("data", () => socket.end(said)));
}
