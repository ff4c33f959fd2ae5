import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Emulator } from "../../../emulator/src/index";
import { createServer } from "../../../emulator/src/server";
import { call, create, emulator, strangeThread } from "./requests";
import { openConnection, requestText } from "./socket";

let target: Emulator;

beforeEach(async () => {
  target = await emulator();
});

/** Sends `text` and gives the status and the JSON of the first answer. */
async function answerTo(text: string): Promise<{ status: number; error: unknown }> {
  const connection = openConnection(target);
  connection.send(text);
  await connection.until(({ received }) => received.endsWith("}"));
  const [head = "", body = ""] = connection.received.split("\r\n\r\n");
  const error: unknown = JSON.parse(body);
  const requestId = /x-request-id: (\S+)/i.exec(head)?.[1];
  expect(error).toEqual({
    code: expect.any(String),
    message: expect.any(String),
    request_id: requestId,
  });
  return { status: Number(head.split(" ")[1]), error };
}

const keyed = "Host: 127.0.0.1\r\nAuthorization: Bearer k\r\n";

describe("a request that can't be served", () => {
  const post = `POST /api/v1/threads HTTP/1.1\r\n${keyed}`;
  const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\n${keyed}${headers}\r\n`;

  test.each([
    ["no HTTP", "hello\r\n\r\n", 400, "InvalidParameter"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "InvalidParameter"],
    ["no URL", get("/api/v1/threads/%zz"), 400, "InvalidURL"],
    ["two lengths", `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400, "InvalidParameter"],
    ["a broken chunk", `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, "InvalidParameter"],
    ["huge headers", get("/api/v1/threads", `X: ${"a".repeat(20_000)}\r\n`), 431, "InvalidParameter"],
    ["a huge body announced", `${post}Content-Length: 99999999999\r\n\r\n{}`, 413, "InvalidParameter"],
    ["an escape from the path", get("/api/v1/../../etc/passwd"), 404, "NotFound"],
    ["no host", "GET /nothing HTTP/1.1\r\n\r\n", 404, "NotFound"],
    ["an unknown expectation", get("/nothing", "Expect: bananas\r\n"), 404, "NotFound"],
    ["CONNECT", `CONNECT evil:443 HTTP/1.1\r\n${keyed}\r\n`, 404, "NotFound"],
    ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${keyed}\r\n`, 404, "NotFound"],
    ["an upgrade", get("/x", "Connection: Upgrade\r\nUpgrade: websocket\r\n"), 404, "NotFound"],
  ])("a request with %s gets a JSON error", async (_name, text, status, code) => {
    expect(await answerTo(text)).toMatchObject({ status, error: { code } });
    expect((await call(target, "POST", "/threads")).status).toBe(200);
  });

  test.each([["PUT"], ["PATCH"], ["DELETE"], ["GET"], ["OPTIONS"]])(
    "a request with the wrong method %s gets a JSON error",
    async (method) => {
      expect(await call(target, method, "/threads")).toMatchObject({
        status: 404,
        body: { code: "NotFound", message: "Not found!" },
      });
    },
  );

  test("a body over 10 MiB gets a JSON error", async () => {
    const body = JSON.stringify({ metadata: { a: "x".repeat(11 * 1024 * 1024) } });
    expect(await call(target, "POST", "/threads", { body })).toMatchObject({
      status: 413,
      body: { code: "InvalidParameter", message: "Request body is too large" },
    });
    expect(target.threads()).toEqual([]);
  });

  test.each([[200], [50_000]])("a body that is nested %d levels deep gets a JSON error", async (levels) => {
    const deep = `{"metadata":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`;
    expect(await call(target, "POST", "/threads", { body: deep })).toMatchObject({
      status: 400,
      body: { code: "InvalidParameter" },
    });
    const seen = await fetch(`${target.origin}/_emulator/requests`);
    expect(seen.status).toBe(200);
  });
});

test("the emulator keeps a body of several MiB whole", async () => {
  const content = "x".repeat(5 * 1024 * 1024);
  const id = await create(target, { messages: [{ role: "user", content }] });
  expect(target.threads()[0]?.messages[0]?.content).toBe(content);
  expect((await call(target, "GET", `/threads/${id}/messages`)).status).toBe(200);
});

test("requests in one packet are answered in their order", async () => {
  const connection = openConnection(target);
  connection.send(requestText("POST", "/threads", "{}") + requestText("GET", `/threads/${strangeThread}`));
  await connection.until(({ received }) => received.includes("400 Bad Request") && received.endsWith("}"));
  expect(connection.received.indexOf("200 OK")).toBeLessThan(connection.received.indexOf("400 Bad Request"));
});

test("a client that goes away in the middle of its body leaves nothing behind", async () => {
  const connection = openConnection(target);
  connection.send(requestText("POST", "/threads", "x".repeat(100)).slice(0, -50));
  while (target.requests().length === 0) await sleep(5);
  connection.close();
  await sleep(50);
  expect(target.threads()).toEqual([]);
  expect((await call(target, "POST", "/threads")).status).toBe(200);
});

test("a client that sends its request too slowly gets 408", async () => {
  const app = createServer(200);
  app.post("/", async () => ({}));
  try {
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = new URL(app.listeningOrigin);
    for (const text of ["POST / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"]) {
      const connection = openConnection({ port: Number(port) });
      connection.send(text);
      await connection.until(({ closed }) => closed);
      expect(connection.received).toMatch(/^HTTP\/1\.1 408 .*"code":"RequestTimeOut"/s);
    }
  } finally {
    await app.close();
  }
});

describe("the `Host` of a request", () => {
  const statusFor = async (path: string, host: string): Promise<string> => {
    const connection = openConnection(target);
    connection.send(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer k\r\nConnection: close\r\n\r\n`,
    );
    await connection.until(({ closed }) => closed);
    return connection.received;
  };

  test.each([["localhost"], ["LOCALHOST:80"], ["127.0.0.1"], ["127.9.9.9:8787"], ["[::1]:8787"]])(
    "a request may name the loopback host %s",
    async (host) => {
      expect(await statusFor("/_emulator/threads", host)).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  test.each([
    ["evil.example"],
    ["evil.example:8787"],
    ["127.0.0.1.evil.example"],
    ["localhost.evil"],
    ["10.0.0.1"],
  ])("a request may not name the foreign host %s, on any path", async (host) => {
    for (const path of ["/_emulator", "/_emulator/threads", "/api/v1/threads/x", "/nothing"]) {
      const received = await statusFor(path, host);
      expect(received).toMatch(/^HTTP\/1\.1 421 /);
      expect(received).toContain("The emulator answers only requests to localhost, 127.0.0.1 or [::1]");
    }
    expect(target.requests()).toEqual([]);
  });
});

test("only 127.0.0.1 reaches the emulator, not the machine's other addresses", async () => {
  const { port, origin, url } = target;
  expect(origin).toBe(`http://127.0.0.1:${port}`);
  expect(url).toBe(`${origin}/api/v1`);
  expect((await fetch(`${origin}/nothing`)).status).toBe(404);
  await expect(fetch(`http://127.0.0.2:${port}/nothing`)).rejects.toThrow();
});
