import { describe, expect, test } from "@jest/globals";
import { call, create, emulator } from "./requests";

test("`metadataUpdate` merge adds to the metadata of threads and messages", async () => {
  const target = await emulator({ metadataUpdate: "merge" });
  const id = await create(target, { metadata: { a: "1", b: "2" } });
  const thread = await call(target, "POST", `/threads/${id}`, { body: { metadata: { b: "3", c: "4" } } });
  expect(thread.body["metadata"]).toEqual({ a: "1", b: "3", c: "4" });
  const cleared = await call(target, "POST", `/threads/${id}`, { body: { metadata: {} } });
  expect(cleared.body["metadata"]).toEqual({ a: "1", b: "3", c: "4" });

  const { body } = await call(target, "POST", `/threads/${id}/messages`, {
    body: { content: "x", metadata: { a: "1" } },
  });
  const message = await call(target, "POST", `/threads/${id}/messages/${body["id"]}`, {
    body: { metadata: { b: "2" } },
  });
  expect(message.body["metadata"]).toEqual({ a: "1", b: "2" });
});

test("concurrent updates that merge don't lose a key", async () => {
  const target = await emulator({ metadataUpdate: "merge" });
  const id = await create(target);
  const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
  await Promise.all(
    keys.map((key) => call(target, "POST", `/threads/${id}`, { body: { metadata: { [key]: "x" } } })),
  );
  expect(Object.keys(target.threads()[0]?.metadata ?? {}).sort()).toEqual([...keys].sort());
});

describe("metadataLimits", () => {
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, "x"]));

  const tooMuch: [string, Record<string, unknown>, string][] = [
    ["17 pairs", pairs(17), "`metadata` must have at most 16 pairs."],
    ["a long key", { ["k".repeat(65)]: "x" }, "`metadata` must have keys of at most 64 characters."],
    ["a long value", { a: "x".repeat(513) }, "`metadata` must have string values of at most 512 characters."],
    ["a number", { a: 1 }, "`metadata` must have string values of at most 512 characters."],
  ];

  test.each(tooMuch)("`metadataLimits` refuses %s", async (_name, metadata, message) => {
    const target = await emulator({ metadataLimits: true });
    const refused = { status: 400, body: { code: "InvalidParameter", message } };
    expect(await call(target, "POST", "/threads", { body: { metadata } })).toMatchObject(refused);
    const id = await create(target, { metadata: { a: "kept" } });
    expect(await call(target, "POST", `/threads/${id}`, { body: { metadata } })).toMatchObject(refused);
    expect(target.threads()).toMatchObject([{ metadata: { a: "kept" } }]);
  });

  test("an emulator without `metadataLimits` accepts all of that", async () => {
    const target = await emulator();
    for (const [, metadata] of tooMuch)
      expect((await call(target, "POST", "/threads", { body: { metadata } })).body["metadata"]).toEqual(
        metadata,
      );
  });

  test("`metadataLimits` accepts the largest metadata", async () => {
    const target = await emulator({ metadataLimits: true });
    const metadata = { ...pairs(15), ["k".repeat(64)]: "x".repeat(512) };
    expect(await call(target, "POST", "/threads", { body: { metadata } })).toMatchObject({ status: 200 });
  });

  test("`metadataLimits` applies to the result of a merge", async () => {
    const target = await emulator({ metadataLimits: true, metadataUpdate: "merge" });
    const id = await create(target, { metadata: pairs(16) });
    const answer = await call(target, "POST", `/threads/${id}`, { body: { metadata: { other: "x" } } });
    expect(answer.status).toBe(400);
    expect(Object.keys(target.threads()[0]?.metadata ?? {})).toHaveLength(16);
  });
});

test.each([
  ["object", { metadata: {} }],
  ["null", { metadata: null }],
  ["absent", {}],
] as const)("`emptyMetadata` %s answers %j", async (emptyMetadata, expected) => {
  const target = await emulator({ emptyMetadata });
  const id = await create(target);
  const { body } = await call(target, "GET", `/threads/${id}`);
  const { id: _id, object, created_at, request_id, ...rest } = body;
  expect(rest).toEqual(expected);
  const full = await call(target, "POST", `/threads/${id}`, { body: { metadata: { a: "b" } } });
  expect(full.body["metadata"]).toEqual({ a: "b" });
});

test("`sortMetadata` decides whether keys are answered sorted or in the order given", async () => {
  for (const [sortMetadata, expected] of [
    [true, '{"a":"2","b":"1"}'],
    [false, '{"b":"1","a":"2"}'],
  ] as const) {
    const target = await emulator({ sortMetadata });
    const { body } = await call(target, "POST", "/threads", { body: { metadata: { b: "1", a: "2" } } });
    expect(JSON.stringify(body["metadata"])).toBe(expected);
  }
});

test("`accountId` is in every thread of an answer", async () => {
  const target = await emulator({ accountId: "sk-secret-like" });
  const { body } = await call(target, "POST", "/threads");
  expect(body["account_id"]).toBe("sk-secret-like");
  expect((await call(target, "GET", `/threads/${body["id"]}`)).body["account_id"]).toBe("sk-secret-like");
});

test.each([
  [true, null],
  [false, "application/json; charset=utf-8"],
])("`untyped401` %s answers a 401 with the content type %s", async (untyped401, contentType) => {
  const target = await emulator({ untyped401 });
  const answer = await call(target, "POST", "/threads", { headers: { authorization: "" } });
  expect(answer).toMatchObject({ status: 401, body: { code: "InvalidApiKey" } });
  expect(answer.headers.get("content-type")).toBe(contentType);
});
