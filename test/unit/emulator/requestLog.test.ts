import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { RequestLog } from "../../../emulator/src/requestLog";
import { call, create, emulator } from "./requests";
import { Connection, requestText } from "./socket";

test("the log contains each request and the status of its answer", async () => {
  const target = await emulator();
  const before = Date.now();
  const { headers } = await call(target, "POST", "/threads?x=1", {
    body: { metadata: { a: "b" } },
    workspace: "llm-a",
  });
  const { headers: goneHeaders } = await call(target, "GET", "/threads/x");
  const { headers: strangeHeaders } = await call(target, "PUT", "/nothing", { body: "no JSON" });
  const seen = target.requests();
  expect(seen).toEqual([
    {
      at: expect.any(Number),
      method: "POST",
      path: "/api/v1/threads?x=1",
      verb: "create",
      workspace: "llm-a",
      body: { metadata: { a: "b" } },
      status: 200,
      requestId: headers.get("x-request-id"),
    },
    {
      at: expect.any(Number),
      method: "GET",
      path: "/api/v1/threads/x",
      verb: "retrieve",
      status: 400,
      code: "InvalidParameter",
      requestId: goneHeaders.get("x-request-id"),
    },
    {
      at: expect.any(Number),
      method: "PUT",
      path: "/api/v1/nothing",
      body: "no JSON",
      status: 404,
      code: "NotFound",
      requestId: strangeHeaders.get("x-request-id"),
    },
  ]);
  expect(seen[0]?.at).toBeGreaterThanOrEqual(before);
  expect(seen[0]?.at).toBeLessThanOrEqual(Date.now());
});

test("the log contains the fault that a request met, and no status without an answer", async () => {
  const target = await emulator({
    faults: [
      { kind: "dropAfter", times: 1 },
      { kind: "error", status: 503, code: "ModelUnavailable", times: 1 },
      { kind: "html", status: 502, work: true, times: 1 },
      { kind: "hang", times: 1 },
    ],
  });
  const send = () =>
    fetch(`${target.url}/threads`, { method: "POST", headers: { authorization: "Bearer k" }, body: '"x"' });
  await expect(send()).rejects.toThrow();
  await send();
  await send();
  const hanging = new Connection(target);
  hanging.send(requestText("POST", "/threads", "{}"));
  while (target.requests()[3]?.fault === undefined) await sleep(5);
  expect(target.requests().map(({ fault, status, code }) => ({ fault, status, code }))).toEqual([
    { fault: "dropAfter" },
    { fault: "error", status: 503, code: "ModelUnavailable" },
    { fault: "html", status: 502 },
    { fault: "hang" },
  ]);
  hanging.close();
});

test("the log holds the last 10,000 requests", () => {
  const log = new RequestLog();
  for (let at = 0; at < 25_000; at++) log.add({ at, method: "GET", path: "/", requestId: String(at) });
  expect(log.last()).toHaveLength(10_000);
  expect(log.last()[0]?.at).toBe(15_000);
  expect(log.last(2).map(({ at }) => at)).toEqual([24_998, 24_999]);
});

test("the log cuts a long body, which is then a string", async () => {
  const target = await emulator();
  const body = { messages: [{ role: "user", content: "x".repeat(100_000) }] };
  await create(target, body);
  const [seen] = target.requests();
  expect(seen?.body).toBe(JSON.stringify(body).slice(0, 16_384));
});

test("the log keeps none of the memory of long bodies", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const measure = async () => {
    collectGarbage();
    // Memory outside the heap is given back in a later turn.
    await sleep(0);
    collectGarbage();
    return process.memoryUsage().heapUsed + process.memoryUsage().external;
  };
  const log = new RequestLog();
  const before = await measure();
  for (let index = 0; index < 20; index++) {
    const request = { at: index, method: "POST", path: "/", requestId: String(index) };
    log.add(request);
    // Decoded from bytes, as the server gets it: a repeated character would be one small string.
    log.setBody(request, Buffer.alloc(5_000_000, "x").toString("latin1"));
  }
  expect(log.last()).toHaveLength(20);
  expect((await measure()) - before).toBeLessThan(20_000_000);
});

test("the log holds at most 64 MiB of bodies, of the last requests", () => {
  const log = new RequestLog();
  for (let at = 0; at < 9000; at++) {
    const request = { at, method: "POST", path: "/", requestId: String(at) };
    log.add(request);
    log.setBody(request, "x".repeat(20_000));
  }
  expect(log.last()).toHaveLength(4096);
  expect(log.last().at(-1)).toMatchObject({ at: 8999, body: "x".repeat(16_384) });
  log.clear();
  expect(log.last()).toEqual([]);
});

test("`/_emulator/requests` answers and clears the log, and isn't in it", async () => {
  const target = await emulator();
  await create(target);
  const path = `${target.origin}/_emulator/requests`;
  expect(await (await fetch(path)).json()).toEqual(target.requests());
  expect(target.requests()).toHaveLength(1);
  expect(await (await fetch(path, { method: "DELETE" })).json()).toEqual([]);
  expect(target.requests()).toEqual([]);
  await create(target);
  target.clearRequests();
  expect(target.requests()).toEqual([]);
});

test("`/_emulator/threads` answers all threads with their messages, oldest first", async () => {
  const target = await emulator();
  for (let index = 0; index < 5; index++)
    await create(
      target,
      { metadata: { n: String(index) }, messages: [{ role: "user", content: "x" }] },
      `llm-${index}`,
    );
  const given = await (await fetch(`${target.origin}/_emulator/threads`)).json();
  expect(given).toEqual(target.threads());
  expect(given).toMatchObject(
    [0, 1, 2, 3, 4].map((n) => ({
      metadata: { n: String(n) },
      workspace: `llm-${n}`,
      messages: [{ content: "x" }],
    })),
  );
});
