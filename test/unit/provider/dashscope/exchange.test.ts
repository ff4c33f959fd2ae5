import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Agent, buildConnector } from "undici";
import {
  AttemptTimeout,
  BodyTooLarge,
  type Connections,
  connections,
  type Exchange,
  exchange,
  type Request,
} from "../../../../provider/src/dashscope/exchange";
import { closedUrl, httpServer, rawServer, type TestServer } from "../server";

const settings = { connectTimeout: 0.2 };
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]) delete process.env[name];
});

describe("an exchange", () => {
  test("brings the whole answer, with the names of its headers in lower case", async () => {
    const { url } = await serve(
      httpServer((_, response) => {
        response.writeHead(201, { "X-Request-ID": "abc", "Set-Cookie": ["a=1", "b=2"] });
        response.write("you ");
        response.end("你");
      }),
    );
    const before = Date.now();
    const { sentAt, ...answer } = await sent(url);
    expect(answer).toMatchObject({ status: 201, body: "you 你" });
    expect(answer).not.toHaveProperty("error");
    expect(answer.headers).toMatchObject({ "x-request-id": "abc", "set-cookie": ["a=1", "b=2"] });
    expect(Number(sentAt)).toBeGreaterThanOrEqual(before);
  });

  test("sends method, path, headers and body as they are", async () => {
    const { url } = await serve(
      httpServer((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () => {
          const { method, url: path, headers } = request;
          response.end(JSON.stringify({ method, path, key: headers.authorization, body }));
        });
      }),
    );
    const { body } = await sent(`${url}/api/v1/threads`, {
      method: "POST",
      headers: { authorization: "Bearer sk-1" },
      body: '{"metadata":{"名":"值"}}',
    });
    expect(JSON.parse(body)).toEqual({
      method: "POST",
      path: "/api/v1/threads",
      key: "Bearer sk-1",
      body: '{"metadata":{"名":"值"}}',
    });
  });

  test("does not follow a redirect", async () => {
    const elsewhere = await serve(httpServer((_, response) => response.end("followed")));
    const { url } = await serve(
      httpServer((_, response) => response.writeHead(302, { location: elsewhere.url }).end()),
    );
    expect(await sent(url)).toMatchObject({ status: 302, body: "" });
    expect(elsewhere.connections()).toBe(0);
  });

  test("was provably never sent when nobody listens", async () => {
    const answer = await sent(await closedUrl());
    expect(answer).not.toHaveProperty("sentAt");
    expect(answer).not.toHaveProperty("status");
    expect(answer.error?.message).toContain("ECONNREFUSED");
  });

  test("was provably never sent when the name leads nowhere", async () => {
    const answer = await sent("http://no-such-host.invalid");
    expect(answer).not.toHaveProperty("sentAt");
    expect(answer.error?.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test("was provably never sent when no TLS comes about", async () => {
    const { url } = await serve(rawServer((socket) => socket.once("data", () => socket.end("no TLS here"))));
    const answer = await sent(url.replace("http:", "https:"));
    expect(answer).not.toHaveProperty("sentAt");
    expect(answer.error).toBeDefined();
  });

  test("was provably never sent when connecting takes too long", async () => {
    const { url, connections: accepted } = await serve(rawServer(() => {}));
    const answer = await sent(url.replace("http:", "https:"), {}, 5000);
    expect(answer).not.toHaveProperty("sentAt");
    expect(answer.error).toMatchObject({ code: "UND_ERR_CONNECT_TIMEOUT" });
    expect(accepted()).toBeGreaterThan(0);
  });

  test("that ran out of time while connecting is not sent when the connection comes about later", async () => {
    let received = "";
    const { url } = await serve(
      rawServer((socket) => {
        socket.on("data", (chunk) => {
          received += chunk;
        });
      }),
    );
    const connect = buildConnector({});
    const slow = new Agent({
      connect: (options, connected) => void setTimeout(() => connect(options, connected), 50),
    });
    opened.push({ close: () => slow.destroy() });
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
  ])("has no status when the server hangs up %s, but was sent", async (_, said) => {
    const answer = await sent(await talking(said));
    expect(answer.sentAt).toBeInstanceOf(Date);
    expect(answer).not.toHaveProperty("status");
    expect(answer.error).toBeInstanceOf(Error);
  });

  test("keeps what was read of a body that breaks off", async () => {
    const said = 'HTTP/1.1 200 OK\r\nx-request-id: abc\r\ncontent-length: 99\r\n\r\n{"id":"thread_1",';
    expect(await sent(await talking(said))).toMatchObject({
      status: 200,
      headers: { "x-request-id": "abc" },
      body: '{"id":"thread_1",',
      error: expect.any(Error),
    });
  });

  test("is over when its time is, though the server keeps silent", async () => {
    const { url } = await serve(rawServer(() => {}));
    const answer = await sent(url, {}, 60);
    expect(answer.error).toEqual(new AttemptTimeout("no complete answer within 0.1 s"));
    expect(answer.sentAt).toBeInstanceOf(Date);
  });

  test("is over when its time is, though bytes keep coming", async () => {
    const { url } = await serve(
      httpServer((_, response) => {
        const timer = setInterval(() => response.write("1"), 5);
        response.on("close", () => clearInterval(timer));
      }),
    );
    const answer = await sent(url, {}, 500);
    expect(answer).toMatchObject({ status: 200, error: expect.any(AttemptTimeout) });
    expect(answer.body).toMatch(/^1+$/);
  });

  test("reads no more than a bound of an endless answer, and hangs up", async () => {
    let closed = false;
    const { url } = await serve(
      httpServer((_, response) => {
        const more = () => {
          while (response.write("0".repeat(65_536)));
        };
        response.on("drain", more).on("close", () => {
          closed = true;
        });
        more();
      }),
    );
    const answer = await sent(url, {}, 5000);
    expect(answer.error).toBeInstanceOf(BodyTooLarge);
    expect(answer.body.length).toBeLessThanOrEqual(1024 * 1024);
    while (!closed) await sleep(5);
  });

  test("tells of what cannot be sent at all instead of throwing", async () => {
    const answer = await sent("http://127.0.0.1:1", { headers: { authorization: "Bearer a\nb" } });
    expect(answer).not.toHaveProperty("sentAt");
    expect(answer.error).toMatchObject({ code: "UND_ERR_INVALID_ARG" });
  });
});

describe("connections", () => {
  test("that are kept carry one request after another", async () => {
    const server = await serve(httpServer((_, response) => response.end("{}")));
    const { kept } = open();
    for (let request = 0; request < 5; request++) await exchange(kept, get(server.url), 1000);
    expect(server.connections()).toBeLessThan(5);
  });

  test("that are warm carry one request right after another", async () => {
    const server = await serve(httpServer((_, response) => response.end("{}")));
    const { warm } = open();
    for (let request = 0; request < 5; request++) await exchange(warm, get(server.url), 1000);
    expect(server.connections()).toBeLessThan(5);
  });

  test("that are warm never meet a server that is just closing one for idleness", async () => {
    const { url } = await serve(
      rawServer((socket) => {
        socket.once("data", () => {
          // Says that it keeps the connection for a minute, and closes it when it is used again.
          socket.write(
            "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nkeep-alive: timeout=60\r\ncontent-length: 2\r\n\r\n{}",
          );
          socket.once("data", () => socket.destroy());
        });
      }),
    );
    const { kept, warm } = open();
    const errors = async (dispatcher: Connections["kept"]) => {
      const all: Exchange[] = [];
      for (let request = 0; request < 5; request++) {
        all.push(await exchange(dispatcher, get(url), 2000));
        await sleep(200);
      }
      return all.flatMap(({ error }) => error ?? []);
    };
    expect(await errors(kept)).not.toEqual([]);
    expect(await errors(warm)).toEqual([]);
  });

  test.each(["proxy.example:8080", "127.0.0.1:8080", "ftp://proxy.example", "http://u:geheim@ x"])(
    "cannot be made through what is not a proxy's URL: %s",
    (proxy) => {
      process.env["HTTPS_PROXY"] = proxy;
      expect(() => connections(settings)).toThrow(
        /^HTTPS_PROXY must be the URL of a proxy, such as .*, but is not\. \[DASHSCOPE_ERR_CONFIGURATION\]$/,
      );
    },
  );
});

function serve(server: Promise<TestServer>): Promise<TestServer> {
  return server.then((one) => {
    opened.push(one);
    return one;
  });
}

/** The URL of a server that says one thing to whoever asks, and hangs up. */
async function talking(said: string): Promise<string> {
  return (await serve(rawServer((socket) => socket.once("data", () => socket.end(said))))).url;
}

function open(): Connections {
  const { kept, warm } = connections(settings);
  opened.push({ close: () => kept.destroy() }, { close: () => warm.destroy() });
  return { kept, warm };
}

function get(url: string): Request {
  return { method: "GET", url: new URL(url), headers: {} };
}

function sent(url: string, request: Partial<Request> = {}, milliseconds = 2000): Promise<Exchange> {
  return exchange(open().warm, { ...get(url), ...request }, milliseconds);
}
