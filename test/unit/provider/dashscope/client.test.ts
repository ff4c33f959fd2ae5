import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type Call, Client } from "../../../../provider/src/dashscope/client";
import {
  AuthenticationError,
  BillingError,
  type CallError,
  ConfigurationError,
  CreateUncertainError,
  MissingKeyError,
  NetworkError,
  PermissionError,
  RefusedError,
  ServiceError,
  ThreadGoneError,
  ThrottledError,
  TimeoutError,
  UnexpectedAnswerError,
  WorkspaceError,
} from "../../../../provider/src/dashscope/errors";
import { defaultSettings, type Settings } from "../../../../provider/src/dashscope/settings";
import { closedUrl, httpServer, rawServer, type TestServer } from "../server";

const key = "sk-0123456789abcdef";
const requestId = "7a1c-from-the-body";
const servers: TestServer[] = [];

beforeEach(() => {
  // No pauses between attempts, unless a server asks for them.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  delete process.env["DASHSCOPE_REQUEST_LOG"];
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** What a scripted server does with one request. */
type Step =
  | "drop"
  | "hang"
  | { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };

const ok: Step = { status: 200, body: { id: "thread_1" } };
const refusal = (status: number, code: string, message = "no", headers = {}): Step => ({
  status,
  body: { code, message, request_id: requestId },
  headers,
});
const throttling = refusal(429, "Throttling.RateQuota", "Slow down.");

describe.each([
  ["a create", false],
  ["any other call", true],
])("%s", (_, repeatable) => {
  test("brings what it reads out of the answer", async () => {
    const { url } = await server([ok]);
    await expect(call(url, { repeatable })).resolves.toBe("thread_1");
  });

  test.each([
    [404, "WorkSpaceNotFound", "no", WorkspaceError],
    [401, "InvalidApiKey", "no", AuthenticationError],
    [403, "AccessDenied", "no", PermissionError],
    [400, "InvalidParameter", "no", RefusedError],
    [400, "Arrearage", "no", BillingError],
    [429, "CommodityNotPurchased", "no", BillingError],
    [429, "PrepaidBillOverdue", "no", BillingError],
    [429, "PostpaidBillOverdue", "no", BillingError],
    [429, "SomethingElse", "no", RefusedError],
  ])("is sent once when refused with %d %s %j", async (status, code, message, kind) => {
    const { url, requests } = await server([refusal(status, code, message), ok]);
    const error = await failure(call(url, { repeatable }));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, apiCode: code, requestId });
    expect(error.message).toContain(`HTTP ${status} ${code} "${message}" (request id ${requestId})`);
    expect(requests()).toBe(1);
  });

  test("is repeated when throttled, however few retries are allowed", async () => {
    const { url, requests } = await server([throttling, throttling, throttling, ok]);
    await expect(call(url, { repeatable }, { maxRetries: 0 })).resolves.toBe("thread_1");
    expect(requests()).toBe(4);
  });

  test("is repeated when it was provably never sent, and says in the end that it could not connect", async () => {
    const error = await failure(call(await closedUrl(), { repeatable }, { maxRetries: 3 }));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toMatch(/ECONNREFUSED.*, at the last of 4 attempts\. Check the network/);
    expect(error.message).not.toContain("may have been created");
  });

  test("waits as long as a throttled answer asks for", async () => {
    const { url, requests, times } = await server([
      refusal(429, "Throttling", "no", { "retry-after": "0.1" }),
      ok,
    ]);
    await call(url, { repeatable });
    expect(requests()).toBe(2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(95);
  });

  test("is not kept waiting longer than its time, which the error says", async () => {
    const { url, requests } = await server([
      refusal(429, "Throttling", "Slow.", { "retry-after": "3600" }),
      ok,
    ]);
    const error = await failure(call(url, { repeatable }));
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error.message).toMatch(
      /HTTP 429 Throttling "Slow\.", and requests are paused for another 3600 s, which leaves no time for a whole attempt within the operation's 2 s \(request id/,
    );
    expect(requests()).toBe(1);
  });

  test("does not go to a server that has answered with a redirect", async () => {
    const elsewhere = await server([ok]);
    const { url } = await server([{ status: 307, body: "", headers: { location: elsewhere.url } }]);
    expect((await failure(call(url, { repeatable }))).message).toContain("a redirect, which is not followed");
    expect(elsewhere.requests()).toBe(0);
  });

  test("is not sent without a key", async () => {
    const { url, requests } = await server([ok]);
    const client = new Client(() => {
      throw new MissingKeyError();
    }, settings());
    await expect(client.perform(callOf({ repeatable }), { baseUrl: url })).rejects.toThrow(MissingKeyError);
    expect(requests()).toBe(0);
  });

  test("is not sent to a base URL that is none", async () => {
    await expect(call("nowhere", { repeatable })).rejects.toThrow(ConfigurationError);
  });

  test("shows nothing that is confidential and that the server repeats", async () => {
    const said = `key ${key}, content "Tell nobody that", also Tell nobod…`;
    for (const step of [refusal(400, "InvalidParameter", said), refusal(400, said, "no")]) {
      const { url } = await server([step]);
      const error = await failure(call(url, { repeatable, confidential: ["Tell nobody that"] }));
      expect(error.message).toContain("[redacted]");
      expect(`${error.message} ${error.apiCode}`).not.toMatch(/0123|Tell no/);
    }
    const other = await server([refusal(401, "InvalidApiKey", "The key LTAI5tQx is wrong.")]);
    const client = new Client(() => "LTAI5tQx", settings());
    const refused = await failure(client.perform(callOf({ repeatable }), { baseUrl: other.url }));
    expect(refused.message).toContain("The key [redacted] is wrong.");
    const { url } = await server([
      { status: 400, body: { code: "x", message: "no", request_id: "a-secret-word" } },
    ]);
    const error = await failure(call(url, { repeatable, confidential: ["a-secret-word"] }));
    expect(error.message).not.toContain("a-secret-word");
  });
});

describe("a create", () => {
  test.each<[string, Step]>([
    ["the connection is dropped", "drop"],
    ["no answer comes in time", "hang"],
    ["DashScope fails", refusal(500, "InternalError")],
    ["DashScope gives up", refusal(408, "RequestTimeOut")],
    ["DashScope is unavailable", refusal(503, "ModelUnavailable")],
    ["a proxy answers in its stead", { status: 502, body: "<html>" }],
    ["a proxy says that there is no such page", { status: 404, body: "<html>" }],
    ["a proxy throttles", { status: 429, body: "<html>" }],
    ["the answer is not JSON", { status: 200, body: "<html>" }],
    ["the answer is not a thread", { status: 200, body: { code: "x" } }],
  ])("is sent once when %s, and owns up to a thread that may exist", async (_, step) => {
    const { url, requests } = await server([step, ok]);
    const before = Date.now();
    const error = await failure(call(url, { repeatable: false }, { requestTimeout: 0.1 }));
    expect(error).toBeInstanceOf(CreateUncertainError);
    expect(error.message).toContain(`Could not create a thread at ${url}: `);
    expect(error.message).toContain("A thread may have been created there");
    const sentAt = /after the request was sent at (\S+Z)/.exec(error.message)?.[1] ?? "";
    expect(Date.parse(sentAt)).toBeGreaterThanOrEqual(before);
    expect(requests()).toBe(1);
  });

  test("names the request id of an answer that leaves it uncertain", async () => {
    const { url } = await server([refusal(500, "InternalError")]);
    expect((await failure(call(url, { repeatable: false }))).message).toContain(`(request id ${requestId})`);
  });

  test.each([
    ['{"id":"thread_1a-2b","object":"thr', "thread_1a-2b"],
    ['{"request_id":"x","id" : "thread_9"', "thread_9"],
  ])("names the thread when a damaged answer shows its id: %s", async (half, id) => {
    const { url } = await raw(`HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n${half}`);
    const error = await failure(call(url, { repeatable: false }));
    expect(error).toBeInstanceOf(CreateUncertainError);
    expect(error.message).toContain(`The thread ${id} has been created there`);
    expect(error.message).toContain(`adoptId: "${id}"`);
  });

  test("does not name a thread whose id was cut", async () => {
    const { url } = await raw('HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{"id":"thread_1a-2');
    expect((await failure(call(url, { repeatable: false }))).message).toContain(
      "A thread may have been created",
    );
  });

  test("does not become uncertain over a connection that the server closes for idleness", async () => {
    const { url } = await raw(
      'HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 17\r\n\r\n{"id":"thread_1"}',
      { once: true },
    );
    const client = new Client(() => key, settings());
    for (let create = 0; create < 5; create++) {
      await expect(client.perform(callOf({ repeatable: false }), { baseUrl: url })).resolves.toBe("thread_1");
      await sleep(200);
    }
  });

  test("is not begun without time for its answer", async () => {
    const { url, requests } = await server([
      refusal(429, "Throttling", "no", { "retry-after": "0.7" }),
      "hang",
    ]);
    const times = { requestTimeout: 1, operationTimeout: 1.2 };
    const error = await failure(call(url, { repeatable: false }, times));
    expect(error).toBeInstanceOf(ThrottledError);
    expect(requests()).toBe(1);
  });
});

test("a create that is told of a missing thread has gone to a wrong address; any other call to a missing thread", async () => {
  const step = refusal(404, "NotFound", "Not found!");
  const { url } = await server([step, step]);
  await expect(call(url, { repeatable: false })).rejects.toThrow(UnexpectedAnswerError);
  await expect(call(url, { repeatable: true })).rejects.toThrow(ThreadGoneError);
});

describe("any other call", () => {
  test.each<[string, Step, new (...args: never[]) => CallError]>([
    ["the connection is dropped", "drop", NetworkError],
    ["no answer comes in time", "hang", TimeoutError],
    ["DashScope fails", refusal(500, "InternalError"), ServiceError],
    ["DashScope gives up", refusal(408, "RequestTimeOut"), ServiceError],
    ["DashScope is unavailable", refusal(503, "ModelUnavailable"), ServiceError],
    ["a proxy answers in its stead", { status: 502, body: "<html>" }, UnexpectedAnswerError],
    ["a proxy throttles", { status: 429, body: "<html>" }, UnexpectedAnswerError],
  ])(
    "is repeated when %s: it passes, or fails after as many retries as are allowed",
    async (_, step, kind) => {
      const passing = await server([step, step, ok]);
      await expect(call(passing.url, { repeatable: true }, { requestTimeout: 0.1 })).resolves.toBe(
        "thread_1",
      );
      expect(passing.requests()).toBe(3);

      const lasting = await server(Array(5).fill(step));
      const error = await failure(
        call(lasting.url, { repeatable: true }, { requestTimeout: 0.1, maxRetries: 2 }),
      );
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toContain(", at the last of 3 attempts");
      expect(lasting.requests()).toBe(3);
    },
  );

  test.each<[string, Step]>([
    ["a proxy says that there is no such page", { status: 404, body: "<html>" }],
    ["the answer is not JSON", { status: 200, body: "<html>" }],
    ["the answer is not what is asked for", { status: 200, body: { code: "x" } }],
  ])("is sent once when %s, which no repetition would change", async (_, step) => {
    const { url, requests } = await server([step, ok]);
    await expect(call(url, { repeatable: true })).rejects.toThrow(UnexpectedAnswerError);
    expect(requests()).toBe(1);
  });

  test("is repeated when the answer breaks off", async () => {
    const { url, connections } = await raw("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{");
    await expect(call(url, { repeatable: true }, { maxRetries: 2 })).rejects.toThrow(NetworkError);
    expect(connections()).toBe(3);
  });

  test.each<[string, string, new (...args: never[]) => CallError]>([
    ["does not end in time", '{"id":', TimeoutError],
    ["does not end at all", "x".repeat(2 * 1024 * 1024), UnexpectedAnswerError],
  ])("fails as what it is when an answer begins and %s", async (_, beginning, kind) => {
    const { url } = await raw(`HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n${beginning}`, {
      once: true,
    });
    const times = { requestTimeout: 0.2, maxRetries: 0 };
    expect(await failure(call(url, { repeatable: true }, times))).toBeInstanceOf(kind);
  });

  test("is not repeated when the request cannot be sent", async () => {
    const unsendable = new Client(() => "two\nlines", settings());
    const error = await failure(
      unsendable.perform(callOf({ repeatable: true }), { baseUrl: "http://127.0.0.1:1" }),
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).not.toContain("attempts");
    expect(error.message).not.toContain("lines");
  });

  test("ends with its operation's time, in the middle of an attempt", async () => {
    const { url } = await server(["hang"]);
    const error = await failure(
      call(url, { repeatable: true }, { requestTimeout: 60, operationTimeout: 0.1 }),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toContain("no complete answer within 0.1 s");
  });
});

describe("all calls of one client", () => {
  test.each<[string, Step]>([
    ["a success", ok],
    ["a no", refusal(404, "NotFound", "Not found!")],
  ])("start anew after each answer, be it %s, so that refusals far apart do not add up", async (_, step) => {
    const { url, requests } = await server(Array(8).fill([throttling, step]).flat());
    const client = new Client(() => key, settings());
    for (let call = 0; call < 8; call++) {
      await client.perform(callOf({ repeatable: true }), { baseUrl: url }).catch(() => {});
    }
    expect(requests()).toBe(16);
  });

  test("are held by what one of them was told: a Retry-After of any refusal", async () => {
    const { url, times } = await server([
      refusal(503, "ModelUnavailable", "no", { "retry-after": "0.15" }),
      ok,
      ok,
      ok,
    ]);
    const client = new Client(() => key, settings());
    const perform = () => client.perform(callOf({ repeatable: true }), { baseUrl: url });
    const first = perform();
    while (times.length === 0) await sleep(1);
    await sleep(20);
    await Promise.all([first, perform(), perform()]);
    const [refused = 0, ...others] = times;
    expect(others).toHaveLength(3);
    for (const time of others) expect(time - refused).toBeGreaterThanOrEqual(145);
  });

  test("fail at once, and say why, while they are held for longer than their time", async () => {
    const { url, requests } = await server([refusal(429, "Throttling", "no", { "retry-after": "900" })]);
    const client = new Client(() => key, settings());
    const perform = () => failure(client.perform(callOf({ repeatable: true }), { baseUrl: url }));
    await perform();
    const error = await perform();
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error.message).toMatch(
      /: not sent, because requests are paused for another \d+ s, which leaves no time for a whole attempt/,
    );
    expect(requests()).toBe(1);
  });

  test("are never more under way than allowed", async () => {
    let running = 0;
    let most = 0;
    const one = await httpServer(async (_, response) => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
      response.end('{"id":"thread_1"}');
    });
    servers.push(one);
    const client = new Client(() => key, settings({ maxConcurrency: 3 }));
    await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        client.perform(callOf({ repeatable: at % 2 === 0 }), { baseUrl: one.url }),
      ),
    );
    expect(most).toBe(3);
  });

  test("that do not get their turn in time are not sent", async () => {
    const { url, requests } = await server(["hang", ok]);
    const client = new Client(
      () => key,
      settings({ maxConcurrency: 1, requestTimeout: 0.2, operationTimeout: 0.2 }),
    );
    const perform = () => failure(client.perform(callOf({ repeatable: false }), { baseUrl: url }));
    // The first one, a create, has its whole time; the second would be cut short.
    const [, error] = await Promise.all([perform(), perform()]);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error?.message).toContain(
      "not sent, because no time for a whole attempt is left of the operation's 0.2 s",
    );
    expect(requests()).toBe(1);
  });
});

describe("the request log", () => {
  test("has a line for each attempt when it is asked for, without key, body or what a server repeats of them", async () => {
    process.env["DASHSCOPE_REQUEST_LOG"] = "1";
    const lines = jest.spyOn(console, "error").mockImplementation(() => {});
    const { url } = await server([refusal(500, key, "Tell nobody"), ok]);
    await call(url, { repeatable: true, body: { content: "Tell nobody" }, confidential: ["Tell nobody"] });
    const [first, second, ...more] = lines.mock.calls.map(([line]) => String(line));
    expect(first).toMatch(
      /^dashscope: POST \/threads 500 \[redacted\] request id 7a1c-from-the-body, attempt 1, \d+ ms$/,
    );
    expect(second).toMatch(/^dashscope: POST \/threads 200 success request id -, attempt 2, \d+ ms$/);
    expect(more).toEqual([]);
  });

  test("is silent otherwise", async () => {
    const lines = jest.spyOn(console, "error").mockImplementation(() => {});
    const { url } = await server([ok]);
    await call(url, { repeatable: true });
    expect(lines).not.toHaveBeenCalled();
  });
});

function settings(more: Partial<Settings> = {}): Settings {
  return { ...defaultSettings, connectTimeout: 1, requestTimeout: 1, operationTimeout: 2, ...more };
}

function callOf(more: Partial<Call<string>>): Call<string> {
  return {
    action: "create a thread",
    method: "POST",
    path: ["threads"],
    body: {},
    repeatable: true,
    confidential: [],
    read: (body) =>
      typeof body === "object" && body !== null && "id" in body && typeof body.id === "string"
        ? body.id
        : undefined,
    ...more,
  };
}

function call(baseUrl: string, more: Partial<Call<string>>, times: Partial<Settings> = {}): Promise<string> {
  return new Client(() => key, settings(times)).perform(callOf(more), { baseUrl });
}

async function failure(promise: Promise<unknown>): Promise<CallError> {
  const error = await promise.then(
    () => undefined,
    (reason: CallError) => reason,
  );
  if (error === undefined) throw new Error("It did not fail.");
  return error;
}

/** Answers each request with the next step. */
async function server(steps: readonly Step[]) {
  const times: number[] = [];
  const one = await httpServer((request, response) => {
    const step = steps[times.length] ?? "drop";
    times.push(performance.now());
    request.resume();
    if (step === "drop") request.socket.destroy();
    else if (step !== "hang") {
      response.writeHead(step.status, step.headers);
      response.end(typeof step.body === "string" ? step.body : JSON.stringify(step.body));
    }
  });
  servers.push(one);
  return { url: one.url, times, requests: () => times.length };
}

/** Says one thing on each connection, then hangs up; `once`: only at the next thing that comes. */
async function raw(said: string, { once = false } = {}): Promise<TestServer> {
  const one = await rawServer((socket) => {
    socket.once("data", () => {
      if (!once) return socket.end(said);
      socket.write(said);
      return socket.once("data", () => socket.destroy());
    });
  });
  servers.push(one);
  return one;
}
