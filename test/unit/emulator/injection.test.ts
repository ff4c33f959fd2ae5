import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import type { Emulator, Fault } from "../../../emulator/src/index";
import { call, create, emulator } from "./requests";
import { type Connection, openConnection, requestText } from "./socket";

/** A connection on which a create has been sent. */
function creating(target: Emulator): Connection {
  const connection = openConnection(target);
  connection.send(requestText("POST", "/threads", '{"metadata":{"a":"b"}}'));
  return connection;
}

const threadCount = (target: Emulator): number => target.threads().length;
const readBody = ({ received }: Connection): string => received.split("\r\n\r\n")[1] ?? "";
const announced = ({ received }: Connection): number => Number(/content-length: (\d+)/i.exec(received)?.[1]);

describe("error", () => {
  test("an error fault answers like DashScope, before the work by default", async () => {
    const target = await emulator({
      faults: [
        { kind: "error", status: 429, code: "Throttling", message: "Slow down.", retryAfter: "7", times: 1 },
        { kind: "error", status: 500, work: true, times: 1 },
      ],
    });
    const refused = await call(target, "POST", "/threads");
    expect(refused).toMatchObject({ status: 429, body: { code: "Throttling", message: "Slow down." } });
    expect(refused.headers.get("retry-after")).toBe("7");
    expect(refused.body["request_id"]).toBe(refused.headers.get("x-request-id"));
    expect(threadCount(target)).toBe(0);

    const worked = await call(target, "POST", "/threads");
    expect(worked).toMatchObject({
      status: 500,
      body: { code: "InternalError", message: "Injected by the emulator." },
    });
    expect(worked.headers.get("retry-after")).toBeNull();
    expect(worked.body["request_id"]).toBe(worked.headers.get("x-request-id"));
    expect(threadCount(target)).toBe(1);
  });

  test("an error fault takes a date as `retryAfter`", async () => {
    const retryAfter = "Wed, 21 Oct 2026 07:28:00 GMT";
    const target = await emulator({ faults: [{ kind: "error", status: 503, retryAfter }] });
    expect((await call(target, "POST", "/threads")).headers.get("retry-after")).toBe(retryAfter);
  });
});

test("delay does the work at once and holds the answer back", async () => {
  const target = await emulator({ faults: [{ kind: "delay", ms: 300 }] });
  const before = performance.now();
  const connection = creating(target);
  while (threadCount(target) === 0) await sleep(5);
  expect(performance.now() - before).toBeLessThan(250);
  expect(connection.received).toBe("");
  await connection.until(({ received }) => received.includes("200 OK"));
  expect(performance.now() - before).toBeGreaterThanOrEqual(295);
});

test("latency delays every answer, also an error", async () => {
  const target = await emulator({ latency: 100 });
  for (const [method, path] of [
    ["POST", "/threads"],
    ["GET", "/threads/x"],
    ["GET", "/nothing"],
  ] as const) {
    const before = performance.now();
    await call(target, method, path);
    expect(performance.now() - before).toBeGreaterThanOrEqual(98);
  }
});

test.each([
  ["dropBefore", "doesn't do the work", 0],
  ["dropAfter", "does the work", 1],
] as const)("%s %s and cuts the connection without an answer", async (kind, _work, threads) => {
  const target = await emulator({ faults: [{ kind, times: 1 }] });
  const connection = creating(target);
  await connection.until(({ closed }) => closed);
  expect(connection.received).toBe("");
  expect(threadCount(target)).toBe(threads);
});

test("truncate does the work and cuts the connection in the middle of the body", async () => {
  const target = await emulator({ faults: [{ kind: "truncate", times: 1 }] });
  const connection = creating(target);
  await connection.until(({ closed }) => closed);
  expect(connection.received).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(announced(connection)).toBeGreaterThan(100);
  expect(readBody(connection)).toHaveLength(Math.floor(announced(connection) / 2));
  expect(readBody(connection)).toMatch(/^\{"id":"thread_/);
  expect(threadCount(target)).toBe(1);
});

test.each([[undefined], [true]])("html answers the page of a proxy, with work %s", async (work) => {
  const fault: Fault = { kind: "html", status: 502, ...(work !== undefined && { work }) };
  const target = await emulator({ faults: [fault] });
  const response = await fetch(`${target.url}/threads`, {
    method: "POST",
    headers: { authorization: "Bearer k" },
  });
  expect(response.status).toBe(502);
  expect(response.headers.get("content-type")).toBe("text/html");
  expect(await response.text()).toMatch(/^<html>/);
  expect(threadCount(target)).toBe(work ? 1 : 0);
});

test("trickle does the work and sends one byte a second", async () => {
  const target = await emulator({ faults: [{ kind: "trickle" }] });
  const connection = creating(target);
  await connection.until((so) => readBody(so).length === 1);
  const first = performance.now();
  expect(announced(connection)).toBeGreaterThan(100);
  await connection.until((so) => readBody(so).length > 1);
  expect(performance.now() - first).toBeGreaterThan(900);
  expect(readBody(connection)).toBe('{"');
  expect(threadCount(target)).toBe(1);
});

test("endless does the work and never stops sending", async () => {
  const target = await emulator({ faults: [{ kind: "endless" }] });
  const connection = creating(target);
  await connection.until(({ received }) => received.length > 5_000_000);
  expect(connection.received).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  connection.close();
  expect(threadCount(target)).toBe(1);
  target.setFaults([]);
  expect((await call(target, "POST", "/threads")).status).toBe(200);
});

test.each([[undefined], [true]])(
  "hang never answers, keeps the connection open, and works only with work %s, also when the client goes away",
  async (work) => {
    const target = await emulator({ faults: [{ kind: "hang", ...(work !== undefined && { work }) }] });
    const connection = creating(target);
    while (target.requests()[0]?.fault === undefined) await sleep(5);
    await sleep(100);
    expect(connection).toMatchObject({ received: "", closed: false });
    connection.close();
    await sleep(100);
    expect(threadCount(target)).toBe(work ? 1 : 0);
  },
);

test("body answers the body, headers and status that it names", async () => {
  const target = await emulator({
    faults: [
      { kind: "body", status: 201, body: '{"id": 7', headers: { "X-Odd": "yes" }, work: true, times: 1 },
      { kind: "body", status: 404, body: "", headers: { "content-type": "text/plain" } },
    ],
  });
  const send = () =>
    fetch(`${target.url}/threads`, { method: "POST", headers: { authorization: "Bearer k" } });
  const odd = await send();
  expect(odd.status).toBe(201);
  expect(odd.headers.get("content-type")).toMatch(/^application\/json/);
  expect(odd.headers.get("x-odd")).toBe("yes");
  expect(await odd.text()).toBe('{"id": 7');
  expect(threadCount(target)).toBe(1);
  const empty = await send();
  expect(empty.status).toBe(404);
  expect(empty.headers.get("content-type")).toBe("text/plain");
  expect(await empty.text()).toBe("");
  expect(threadCount(target)).toBe(1);
});

describe("idleClose", () => {
  test("idleClose closes an idle connection without notice", async () => {
    const target = await emulator({ faults: [{ kind: "idleClose", ms: 150 }] });
    const connection = creating(target);
    await connection.until(({ received }) => received.endsWith("}"));
    expect(connection.received).toMatch(/connection: keep-alive/i);
    expect(connection.received).not.toMatch(/\r\nkeep-alive: /i);
    const answered = performance.now();
    await connection.until(({ closed }) => closed);
    expect(performance.now() - answered).toBeGreaterThan(100);
    expect(threadCount(target)).toBe(1);
  });

  test("idleClose leaves a used connection open", async () => {
    const target = await emulator({ faults: [{ kind: "idleClose", ms: 800 }] });
    const connection = creating(target);
    for (let sent = 1; sent <= 4; sent++) {
      await connection.until(({ received }) => received.split("200 OK").length > sent);
      await sleep(300);
      expect(connection.closed).toBe(false);
      connection.send(requestText("POST", "/threads", "{}"));
    }
    expect(threadCount(target)).toBeGreaterThanOrEqual(4);
  });
});

test("a fault with work has the same effect as a call without a fault", async () => {
  const target = await emulator();
  const id = await create(target, { metadata: { a: "1" } });
  target.setFaults([{ kind: "error", status: 500, work: true, verb: "update" }]);
  await call(target, "POST", `/threads/${id}`, { body: { metadata: { a: "2" } } });
  expect(target.threads()[0]?.metadata).toEqual({ a: "2" });
  target.setFaults([{ kind: "error", status: 500, work: true, verb: "delete" }]);
  await call(target, "DELETE", `/threads/${id}`);
  expect(threadCount(target)).toBe(0);
});

test.each([["truncate"], ["trickle"], ["endless"], ["dropAfter"], ["hang"], ["idleClose"]] as const)(
  "%s of an error answer to a client that went away leaves the emulator running",
  async (kind) => {
    const fault: Fault =
      kind === "idleClose" ? { kind, ms: 0 } : kind === "hang" ? { kind, work: true } : { kind };
    const target = await emulator({ faults: [fault], latency: 50 });
    for (const close of [0, 60]) {
      const connection = openConnection(target);
      connection.send(requestText("GET", "/threads/x"));
      const before = target.requests().length;
      while (target.requests().length === before) await sleep(1);
      await sleep(close);
      connection.close();
    }
    await sleep(150);
    target.setFaults([]);
    expect((await call(target, "POST", "/threads")).status).toBe(200);
  },
);

test("an emulator closes at once while faults hold requests", async () => {
  const target = await emulator({
    faults: [
      { kind: "hang", times: 1 },
      { kind: "trickle", times: 1 },
      { kind: "endless", times: 1 },
      { kind: "delay", ms: 60_000, times: 1 },
    ],
  });
  const held = [1, 2, 3, 4].map(() => creating(target));
  while (target.requests().filter(({ fault }) => fault !== undefined).length < 4) await sleep(5);
  const before = performance.now();
  await target.close();
  expect(performance.now() - before).toBeLessThan(1000);
  for (const connection of held) await connection.until(({ closed }) => closed);
});
