import { describe, expect, test } from "@jest/globals";
import { call, emulator, expectMissing, gone } from "./requests";

const noKey = { code: "InvalidApiKey", message: "No API-key provided." };
const wrongKey = { code: "InvalidApiKey", message: "Invalid API-key provided." };

describe("an emulator without `apiKeys`", () => {
  test.each([["Bearer sk-1"], ["Bearer x"], ["bearer sk-ws-1"]])(
    "an emulator without `apiKeys` accepts %j",
    async (authorization) => {
      const target = await emulator();
      expect((await call(target, "POST", "/threads", { headers: { authorization } })).status).toBe(200);
    },
  );

  test.each([[""], ["Bearer"], ["Bearer  "], ["Basic c2s6"], ["sk-1"]])(
    "an emulator without `apiKeys` refuses %j",
    async (authorization) => {
      const target = await emulator();
      const answer = await call(target, "POST", "/threads", { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: noKey });
      expect(target.threads()).toEqual([]);
    },
  );
});

describe("an emulator with `apiKeys`", () => {
  test("the emulator accepts each of its keys, for the same threads", async () => {
    const target = await emulator({ apiKeys: ["sk-old", "sk-new"] });
    const headers = { authorization: "Bearer sk-old" };
    const { body } = await call(target, "POST", "/threads", { headers });
    const rotated = { authorization: "Bearer sk-new" };
    expect((await call(target, "GET", `/threads/${body["id"]}`, { headers: rotated })).status).toBe(200);
  });

  test("the emulator refuses an unknown key in every call", async () => {
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

  test("the emulator checks the key before the body", async () => {
    const target = await emulator({ apiKeys: ["sk-right"] });
    expect(await call(target, "POST", "/threads", { body: "{" })).toMatchObject({ status: 401 });
  });
});

test("the emulator's own paths require no key", async () => {
  const target = await emulator({ apiKeys: ["sk-right"] });
  for (const path of ["faults", "requests", "threads"])
    expect((await fetch(`${target.origin}/_emulator/${path}`)).status).toBe(200);
});

describe("a thread belongs to the account of the key that created it", () => {
  const headers = {
    acme: { authorization: "Bearer sk-acme" },
    globex: { authorization: "Bearer sk-globex" },
  };
  test("every call by another account's key answers that the thread doesn't exist", async () => {
    const target = await emulator({ apiKeys: ["sk-acme=acme", "sk-globex=globex"] });
    const { body } = await call(target, "POST", "/threads", { headers: headers.acme });
    await expectMissing(target, String(body["id"]), { headers: headers.globex });
    expect(target.threads()).toMatchObject([{ account: "acme", metadata: {}, messages: [] }]);
  });

  test("another key of the same account reaches the thread", async () => {
    const target = await emulator({ apiKeys: ["sk-acme=acme", "sk-globex=acme"] });
    const { body } = await call(target, "POST", "/threads", { headers: headers.acme });
    const answer = await call(target, "GET", `/threads/${body["id"]}`, { headers: headers.globex });
    expect(answer).toMatchObject({ status: 200, body: { id: body["id"] } });
  });

  test("a key without an account doesn't reach the thread of a named account", async () => {
    const target = await emulator({ apiKeys: ["sk-acme=acme", "sk-globex"] });
    const { body } = await call(target, "POST", "/threads", { headers: headers.acme });
    const answer = await call(target, "GET", `/threads/${body["id"]}`, { headers: headers.globex });
    expect(answer).toMatchObject({ status: 400, body: gone });
    await call(target, "POST", "/threads", { headers: headers.globex });
    expect(target.threads().map(({ account }) => account)).toEqual(["acme", undefined]);
  });

  test("a workspace of the same name in another account is another workspace", async () => {
    const target = await emulator({ apiKeys: ["sk-acme=acme", "sk-globex=globex"] });
    const workspace = "llm-a";
    const { body } = await call(target, "POST", "/threads", { headers: headers.acme, workspace });
    const path = `/threads/${body["id"]}`;
    expect((await call(target, "GET", path, { headers: headers.acme, workspace })).status).toBe(200);
    expect(await call(target, "GET", path, { headers: headers.globex, workspace })).toMatchObject({
      status: 400,
      body: gone,
    });
  });

  test("the request log shows the account and never the key", async () => {
    const target = await emulator({ apiKeys: ["sk-acme=acme"] });
    await call(target, "POST", "/threads", { headers: headers.acme });
    await call(target, "POST", "/threads", { headers: headers.globex });
    expect(target.requests()).toMatchObject([{ account: "acme", status: 200 }, { status: 401 }]);
    expect(target.requests()[1]).not.toHaveProperty("account");
    expect(JSON.stringify(target.requests())).not.toContain("sk-");
  });
});

test.each([
  [["sk-right", ""], "`apiKeys[1]` must be `KEY` or `KEY=ACCOUNT`."],
  [["=acme"], "`apiKeys[0]` must be `KEY` or `KEY=ACCOUNT`."],
  [["sk-right="], "`apiKeys[0]` must be `KEY` or `KEY=ACCOUNT`."],
  [
    ["sk-right=acme", "sk-right=globex"],
    "`apiKeys[1]` repeats a key of another account: a key belongs to one account.",
  ],
])("startEmulator refuses the keys %j", async (apiKeys, sentence) => {
  await expect(emulator({ apiKeys })).rejects.toThrow(sentence);
});
