import { describe, expect, test } from "@jest/globals";
import { call, create, emulator } from "./api";

const noKey = { code: "InvalidApiKey", message: "No API-key provided." };
const wrongKey = { code: "InvalidApiKey", message: "Invalid API-key provided." };

describe("an emulator without keys of its own", () => {
  test.each([["Bearer sk-1"], ["Bearer x"], ["bearer sk-ws-1"]])("accepts %j", async (authorization) => {
    const target = await emulator();
    expect((await call(target, "POST", "/threads", { headers: { authorization } })).status).toBe(200);
  });

  test.each([[""], ["Bearer"], ["Bearer  "], ["Basic c2s6"], ["sk-1"]])(
    "refuses %j",
    async (authorization) => {
      const target = await emulator();
      const answer = await call(target, "POST", "/threads", { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: noKey });
      expect(target.threads()).toEqual([]);
    },
  );
});

describe("an emulator with keys", () => {
  test("accepts each of them, for the same threads", async () => {
    const target = await emulator({ apiKeys: ["sk-old", "sk-new"] });
    const headers = { authorization: "Bearer sk-old" };
    const { body } = await call(target, "POST", "/threads", { headers });
    const rotated = { authorization: "Bearer sk-new" };
    expect((await call(target, "GET", `/threads/${body["id"]}`, { headers: rotated })).status).toBe(200);
  });

  test("refuses every other for every call", async () => {
    const target = await emulator({ apiKeys: ["sk-right"] });
    for (const [method, path] of [
      ["POST", "/threads"],
      ["GET", "/threads/x"],
      ["POST", "/threads/x"],
      ["DELETE", "/threads/x"],
      ["GET", "/threads/x/messages"],
      ["POST", "/threads/x/messages/y"],
    ] as const) {
      const answer = await call(target, method, path, { headers: { authorization: "Bearer sk-wrong" } });
      expect(answer).toMatchObject({ status: 401, body: wrongKey });
      expect(answer.body["request_id"]).toBe(answer.headers.get("x-request-id"));
    }
  });

  test("asks for the key before it looks at the body", async () => {
    const target = await emulator({ apiKeys: ["sk-right"] });
    expect(await call(target, "POST", "/threads", { body: "{" })).toMatchObject({ status: 401 });
  });
});

test("no key is asked for by the emulator's own paths", async () => {
  const target = await emulator({ apiKeys: ["sk-right"] });
  for (const path of ["faults", "requests", "threads"])
    expect((await fetch(`${target.origin}/_emulator/${path}`)).status).toBe(200);
});

test("an unknown path is not found even with a key", async () => {
  const target = await emulator();
  await create(target);
  expect(await call(target, "GET", "/nothing")).toMatchObject({
    status: 404,
    body: { code: "NotFound", message: "Not found!" },
  });
});
