import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { Config } from "@pulumi/pulumi/cmd/dynamic-provider/config";
import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { environmentNames } from "../../../../../provider/src/pulumi/configuration";

import hooks = require("../../../../../provider/src/pulumi/hooks/thread");

import { threadProviderText as provider } from "../../../../../provider/src/pulumi/providerText";
import { httpServer, type TestServer } from "../../server";

// Hundreds of real requests a test.
jest.setTimeout(60_000);

const key = "sk-0a1b2c3d4e5f60718293";
const content = 'Tell nobody that the vault opens with 4711 "and" the <red> key, 你好.';
const label = "value-of-a-label";
const old = "value-of-an-older-label";
const ofMessages = [content.slice(0, 10), content.slice(-16, -4)];

/** What the server answers with next. */
let answer: { status: number; headers: Record<string, string>; body: string };
let server: TestServer;
let baseUrl: string;

beforeAll(async () => {
  for (const name of Object.values(environmentNames)) delete process.env[name];
  server = await httpServer((request, response) => {
    request.resume();
    const id = /thread_\d+$/.exec(request.url ?? "")?.[0] ?? "thread_1";
    response.writeHead(answer.status, answer.headers).end(answer.body.replaceAll("thread_1", id));
  });
  baseUrl = `${server.url}/api/v1`;
  const config = {
    "dashscope:apiKey": key,
    "dashscope:baseUrl": baseUrl,
    "dashscope:maxRetries": "1",
    "dashscope:requestTimeout": "2",
    "dashscope:operationTimeout": "2",
  };
  await hooks.configure?.({ config: new Config(config, "project") });
  // No pauses between attempts.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterAll(() => server.close());

const declared = {
  messages: [{ role: "user" as const, content, metadata: { a: label } }],
  metadata: { a: label },
  __provider: provider,
};

/** A text that repeats secrets in all the ways that servers do. */
const repetition = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        key,
        content,
        label,
        old,
        "Bearer ",
        "sk-account-secret",
        " not allowed: ",
        "\ud800",
        "\u001b[31m",
        "\n",
      ),
      fc.constantFrom(
        (text: string) => text,
        (text: string) => JSON.stringify(text),
        (text: string) => JSON.stringify(JSON.stringify(text)),
        (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, "")),
        (text: string) => text.replace(/[<>"&]/g, (sign) => `&#${sign.charCodeAt(0)};`),
        (text: string) => `${text.slice(0, 14)}…`,
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.map(([text, written]) => written(text)).join(" "));

const field = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  repetition,
  fc.constantFrom(1711338305153, "1711338305153", "", null, "\udc00"),
);

const json = fc
  .record(
    {
      id: fc.oneof({ weight: 4, arbitrary: fc.constant("thread_1") }, field),
      object: field,
      created_at: field,
      metadata: fc.oneof(
        fc.constant({ a: label }),
        fc.dictionary(
          fc.oneof(fc.string({ unit: "binary" }), fc.constant("\ud800"), fc.constant("a")),
          field,
        ),
        field,
      ),
      request_id: field,
      account_id: fc.constant("sk-account-secret"),
      deleted: fc.constantFrom<unknown>(true, true, false, 1),
      code: fc.oneof(
        fc.constantFrom("InvalidParameter", "NotFound", "InternalError", "Arrearage", "InvalidApiKey"),
        field,
      ),
      message: fc.oneof(
        fc.constant("The specified thread has been deleted or does not exist."),
        repetition,
        field,
      ),
    },
    { requiredKeys: [] },
  )
  // The host's own reading of protobuf loses a key of this name.
  .map((body) => JSON.stringify(body).replaceAll("__proto__", "proto"));

const answers = fc.record({
  status: fc.constantFrom(200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 407, 408, 418, 500, 503, 599),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { "content-type": "text/html" },
    { "x-request-id": "a-request" },
    { "x-request-id": `${key} x` },
    { "retry-after": "soon" },
  ),
  body: fc.oneof(
    { weight: 6, arbitrary: json },
    repetition.map((text) => text.replace(/\p{Cs}/gu, "")),
    fc.json(),
    fc.string(),
  ),
});

describe("whatever the server answers", () => {
  const recorded = () => ({ ...declared, baseUrl, metadata: { a: old }, createdAt: 1 });
  // A process adopts a thread once.
  let adopted = 1000;
  type Case = [string, string[], () => Promise<object | undefined> | undefined];
  const calls: Case[] = [
    ["create", [key, label, ...ofMessages], () => hooks.create(declared)],
    [
      "adoption",
      [key, label],
      () => hooks.create({ adoptId: `thread_${adopted++}`, metadata: { a: label }, __provider: provider }),
    ],
    ["read", [key, old, ...ofMessages], () => hooks.read?.("thread_1", recorded())],
    ["lookup", [key], () => hooks.read?.("thread_1", { __provider: provider })],
    [
      "update",
      [key, label, old, ...ofMessages],
      () => hooks.update?.("thread_1", recorded(), { ...declared, baseUrl }),
    ],
    [
      "delete",
      [key, old, ...ofMessages],
      () => hooks.delete?.("thread_1", recorded())?.then(() => undefined),
    ],
  ];

  test.each(calls)(
    "%s ends with what the engine can store, or with a sentence that shows no secret",
    async (_, secrets, call) => {
      await fc.assert(
        fc.asyncProperty(answers, async (next) => {
          answer = next;
          await told(secrets, call);
        }),
        { numRuns: 120 },
      );
    },
  );

  test("diff sees no change in what create has recorded", async () => {
    const metadata = fc.dictionary(
      fc.string().filter((name) => name !== "__proto__"),
      fc.string(),
    );
    const message = fc.record(
      {
        role: fc.constantFrom("user" as const, "assistant" as const),
        content: fc.string(),
        fileIds: fc.array(fc.string()),
        metadata,
      },
      { requiredKeys: ["role", "content"] },
    );
    const args = fc.record({ messages: fc.array(message), metadata }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        const { inputs, failures } =
          (await hooks.check?.({ __provider: provider }, { ...given, __provider: provider })) ?? {};
        if (inputs === undefined) throw new Error(`It was refused: ${JSON.stringify(failures)}`);
        answer = {
          status: 200,
          headers: {},
          body: JSON.stringify({ id: "thread_1", metadata: given.metadata }),
        };
        const { id, outs } = await hooks.create(stored(inputs));
        if (outs === undefined) throw new Error("It brought nothing.");
        const { inputs: again } = (await hooks.check?.(inputs, { ...given, __provider: provider })) ?? {};
        expect(await hooks.diff?.(id, stored(outs), stored(again ?? inputs))).toEqual({ changes: false });
      }),
    );
  });
});

describe("whatever is recorded", () => {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>("", "x", 0, null, [], {}, [null], [{}], ["x"]),
  );
  const state = fc.record(
    {
      baseUrl: fc.oneof({ weight: 3, arbitrary: fc.constant("here") }, odd),
      workspace: odd,
      messages: fc.oneof(fc.constant(declared.messages), odd),
      metadata: fc.oneof(fc.constant({ a: old }), odd),
      createdAt: odd,
      requestId: odd,
      __metadataUndeclared: odd,
      ofALaterVersion: odd,
    },
    { requiredKeys: [] },
  );

  test("every hook ends with what the engine can store, or with a sentence that shows no secret", async () => {
    await fc.assert(
      fc.asyncProperty(state, answers, async (given, next) => {
        answer = next;
        const recorded = Object.assign(
          { __provider: provider },
          given,
          given.baseUrl === "here" && { baseUrl },
        );
        await told([key], () => hooks.read?.("thread_1", recorded));
        await told([key], () => hooks.update?.("thread_1", recorded, { ...declared, baseUrl }));
        await told([key], () => hooks.delete?.("thread_1", recorded)?.then(() => undefined));
        await told([key], () => hooks.diff?.("thread_1", recorded, { ...declared, baseUrl }));
        await told([key], () => hooks.check?.(recorded, declared));
      }),
      { numRuns: 120 },
    );
  });
});

/** Runs a hook, and checks what comes out of it. */
async function told(secrets: string[], call: () => Promise<object | undefined> | undefined): Promise<void> {
  try {
    const brought = await call();
    if (brought !== undefined && "outs" in brought) storable(brought.outs);
    if (brought !== undefined && "props" in brought) storable(brought.props);
    if (brought !== undefined && "inputs" in brought) storable(brought.inputs);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!/^\w[^\p{Cc}]* \[DASHSCOPE_ERR_\w+\]$/u.test(error.message)) throw error;
    expect(secrets.filter((secret) => error.message.includes(secret))).toEqual([]);
    expect(() => encodeURI(error.message)).not.toThrow();
    if ("properties" in error) storable(error.properties);
  }
}

/** The host passes it through protobuf, and the engine takes nothing but UTF-8. */
function storable(properties: unknown): void {
  if (typeof properties !== "object" || properties === null) throw new Error("These are no properties.");
  expect(Object.isFrozen(properties)).toBe(false);
  const kept: unknown = stored(properties);
  expect(kept).toEqual(properties);
  expect(properties).not.toHaveProperty("account_id");
  for (const text of textsIn(properties)) expect(text).not.toMatch(/\p{Cs}/u);
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.entries(value).flat().flatMap(textsIn) : [];
}

function stored<T extends object>(properties: T): T {
  const bytes = Struct.fromJavaScript(Object.fromEntries(Object.entries(properties))).serializeBinary();
  return Object.assign({}, properties, Struct.deserializeBinary(bytes).toJavaScript());
}
