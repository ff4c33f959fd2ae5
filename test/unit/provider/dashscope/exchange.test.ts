import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Agent, buildConnector, type Dispatcher } from "undici";
import { ConfigurationError } from "../../../../provider/src/dashscope/errors";
import {
  AttemptTimeout,
  BodyTooLarge,
  ConnectionPool,
  type Connections,
  type Exchange,
  exchange,
  type Request,
} from "../../../../provider/src/dashscope/exchange";
import { findClosedUrl, startHttpServer, startRawServer } from "../testServer";

const settings = { connectTimeout: 0.2 };
const opened: Dispatcher[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.destroy()));
  for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]) delete process.env[name];
});

describe("exchange", () => {
  test("an exchange returns the whole answer, with header names in lower case", async () => {
    const { url } = await startHttpServer((_, response) => {
      response.writeHead(201, { "X-Request-ID": "abc", "Set-Cookie": ["a=1", "b=2"] });
      response.write("you ");
      response.end("你");
    });
    const before = Date.now();
    const { sentAt, ...answer } = await sent(url);
    expect(answer).toMatchObject({ status: 201, body: "you 你" });
    expect(answer).not.toHaveProperty("error");
    expect(answer.headers).toMatchObject({ "x-request-id": "abc", "set-cookie": ["a=1", "b=2"] });
    expect(Number(sentAt)).toBeGreaterThanOrEqual(before);
  });

  test("an exchange doesn't follow a redirect", async () => {
    const elsewhere = await startHttpServer((_, response) => response.end("followed"));
    const { url } = await startHttpServer((_, response) =>
      response.writeHead(302, { location: elsewhere.url }).end(),
    );
    expect(await sent(url)).toMatchObject({ status: 302, body: "" });
    expect(elsewhere.countConnections()).toBe(0);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    ["nobody listens", findClosedUrl, /^ECONNREFUSED$/],
    ["the host name doesn't resolve", async () => "http://no-such-host.invalid", /^(ENOTFOUND|EAI_AGAIN)$/],
    ["TLS fails", async () => toHttps(await startTalking("no TLS here")), /./],
    [
      "connecting takes longer than the limit",
      async () => toHttps((await startRawServer(() => {})).url),
      /^UND_ERR_CONNECT_TIMEOUT$/,
    ],
  ])("a request is provably never sent if %s", async (_, start, code) => {
    const answer = await sent(await start(), {}, 5000);
    expect(answer).not.toHaveProperty("sentAt");
    expect(answer).not.toHaveProperty("status");
    expect(answer.error).toHaveProperty("code", expect.stringMatching(code));
  });

  test("a request that timed out while connecting isn't sent over the connection that opens later", async () => {
    let received = "";
    const { url } = await startRawServer((socket) => {
      socket.on("data", (chunk) => {
        received += chunk;
      });
    });
    const connect = buildConnector({});
    const slow = new Agent({
      connect: (options, connected) => void setTimeout(() => connect(options, connected), 50),
    });
    opened.push(slow);
    const answer = await exchange(slow, get(url), 10);
    expect(answer.error).toBeInstanceOf(AttemptTimeout);
    expect(answer).not.toHaveProperty("sentAt");
    await sleep(150);
    expect(received).toBe("");
  });

  test.each([
    ["before it answers", ""],
    ["within the headers", "HTTP/1.1 200 OK\r\nx-a: "],
    ["with nonsense", "I am no HTTP server\r\n\r\n"],
  ])("a request is sent but has no status if the server hangs up %s", async (_, said) => {
    const answer = await sent(await startTalking(said));
    expect(answer.sentAt).toBeInstanceOf(Date);
    expect(answer).not.toHaveProperty("status");
    expect(answer.error).toBeInstanceOf(Error);
  });

  test("an exchange keeps what it read of a body that breaks off", async () => {
    const said = 'HTTP/1.1 200 OK\r\nx-request-id: abc\r\ncontent-length: 99\r\n\r\n{"id":"thread_1",';
    expect(await sent(await startTalking(said))).toMatchObject({
      status: 200,
      headers: { "x-request-id": "abc" },
      body: '{"id":"thread_1",',
      error: expect.any(Error),
    });
  });

  test("an exchange ends at its limit if the server stays silent", async () => {
    const { url } = await startRawServer(() => {});
    const answer = await sent(url, {}, 60);
    expect(answer.error).toEqual(new AttemptTimeout("no complete answer within 0.1 s"));
    expect(answer.sentAt).toBeInstanceOf(Date);
  });

  test("an answer that arrived while the process was stopped for longer than the limit counts", async () => {
    // Another thread answers, because this one stands still.
    const server = new Worker(
      `const { parentPort } = require("node:worker_threads");
      require("node:http")
        .createServer((request, response) => setTimeout(() => response.end("{}"), 100))
        .listen(0, "127.0.0.1", function () { parentPort.postMessage(this.address().port); });`,
      { eval: true },
    );
    server.unref();
    const [port] = await once(server, "message");
    const answer = exchange(open().kept, get(`http://127.0.0.1:${port}`), 200);
    const stop = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    // After an immediate, the event loop runs its timers before it reads what has arrived.
    setTimeout(() => setImmediate(stop), 50);
    expect(await answer).toMatchObject({ status: 200, body: "{}" });
    expect(await answer).not.toHaveProperty("error");
    await server.terminate();
  });

  test("an exchange ends at its limit if bytes keep coming", async () => {
    const { url } = await startHttpServer((_, response) => {
      const timer = setInterval(() => response.write("1"), 5);
      response.on("close", () => clearInterval(timer));
    });
    const answer = await sent(url, {}, 500);
    expect(answer).toMatchObject({ status: 200, error: expect.any(AttemptTimeout) });
    expect(answer.body).toMatch(/^1+$/);
  });

  test("an exchange reads a bounded part of an endless answer, and hangs up", async () => {
    let closed = false;
    const { url } = await startHttpServer((_, response) => {
      const more = () => {
        while (response.write("0".repeat(65_536)));
      };
      response.on("drain", more).on("close", () => {
        closed = true;
      });
      more();
    });
    const answer = await sent(url, {}, 5000);
    expect(answer.error).toBeInstanceOf(BodyTooLarge);
    expect(answer.body.length).toBeLessThanOrEqual(1024 * 1024);
    while (!closed) await sleep(5);
  });

  test("an exchange resolves with an error if the request can't be sent at all", async () => {
    const answer = await sent("http://127.0.0.1:1", { headers: { authorization: "Bearer a\nb" } });
    expect(answer).not.toHaveProperty("sentAt");
    expect(answer.error).toMatchObject({ code: "UND_ERR_INVALID_ARG" });
  });
});

describe("ConnectionPool", () => {
  test.each(["kept", "warm"] as const)("%s connections carry one request after another", async (kind) => {
    const server = await startHttpServer((_, response) => response.end("{}"));
    const dispatcher = open()[kind];
    for (let request = 0; request < 5; request++) await exchange(dispatcher, get(server.url), 1000);
    expect(server.countConnections()).toBeLessThan(5);
  });

  test.each(["proxy.example:8080", "127.0.0.1:8080", "ftp://proxy.example", "http://u:secret-value@ x"])(
    "a proxy that isn't a URL is an error that doesn't show it: %s",
    (proxy) => {
      process.env["HTTPS_PROXY"] = proxy;
      const select = () => new ConnectionPool(settings).select(new URL("https://dashscope.aliyuncs.com"));
      expect(select).toThrow(ConfigurationError);
      expect(select).toThrow(/`HTTPS_PROXY`/);
      expect(select).not.toThrow(/secret-value/);
    },
  );

  test.each(["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"])(
    "a loopback address is never reached through the proxy of `%s`",
    async (name) => {
      const proxy = await startHttpServer((_, response) => response.end("proxied"));
      const server = await startHttpServer((_, response) => response.end("direct"));
      process.env[name] = proxy.url;
      const pool = new ConnectionPool(settings);
      for (const host of ["127.0.0.1", "localhost"]) {
        const { kept, warm } = open(new URL(server.url.replace("127.0.0.1", host)), pool);
        expect(await exchange(kept, get(server.url), 1000)).toHaveProperty("body", "direct");
        expect(await exchange(warm, get(server.url), 1000)).toHaveProperty("body", "direct");
      }
      expect(proxy.countConnections()).toBe(0);
    },
  );
});

/** Starts a server that answers every request with the same bytes, and hangs up. */
async function startTalking(said: string): Promise<string> {
  return (await startRawServer((socket) => socket.once("data", () => socket.end(said)))).url;
}

function toHttps(url: string): string {
  return url.replace("http:", "https:");
}

function open(url = new URL("http://127.0.0.1"), pool = new ConnectionPool(settings)): Connections {
  const { kept, warm } = pool.select(url);
  opened.push(kept, warm);
  return { kept, warm };
}

function get(url: string): Request {
  return { method: "GET", url: new URL(url), headers: {} };
}

function sent(url: string, request: Partial<Request> = {}, milliseconds = 2000): Promise<Exchange> {
  return exchange(open().warm, { ...get(url), ...request }, milliseconds);
}
