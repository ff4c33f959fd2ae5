import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Client } from "../../../../provider/src/dashscope/client";
import { runHook } from "../../../../provider/src/host/hookError";
import { getProviderText } from "../../../../provider/src/resource/providerText";
import { unknown } from "../../../../provider/src/resource/unknown";
import { threadLifecycle as lifecycle } from "../../../../provider/src/thread/lifecycle";
import type { ThreadState } from "../../../../provider/src/thread/schema";
import { buildAccount } from "../fakeAccount";
import { startHttpServer } from "../testServer";

// Hundreds of requests a test.
jest.setTimeout(60_000);

const key = "sk-0a1b2c3d4e5f60718293";
const content = 'Tell nobody that the vault opens with 4711 "and" the <red> key, 你好.';
const label = "value-of-a-label";
const old = "value-of-an-older-label";
const ofMessages = [content.slice(0, 10), content.slice(-16, -4)];
const messages = [{ role: "user" as const, content, metadata: { a: label } }];

beforeAll(() => {
  // No backoff between attempts.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

const metadata = fc.dictionary(
  fc.string().filter((name) => name !== "__proto__" && name !== ""),
  fc.string(),
);
const declared = fc.record(
  {
    messages: fc.array(
      fc.record(
        {
          role: fc.constantFrom("user" as const, "assistant" as const),
          content: fc.string({ minLength: 1 }),
          fileIds: fc.array(fc.string()),
          metadata,
        },
        { requiredKeys: ["role", "content"] },
      ),
    ),
    metadata,
  },
  { requiredKeys: [] },
);

describe("whatever a program declares", () => {
  test("a created thread shows no change when it's read and declared again", async () => {
    await fc.assert(
      fc.asyncProperty(declared, async (given) => {
        const account = buildAccount();
        const checked = requireInputs(await lifecycle.check({}, given, account));
        const { id, state } = await lifecycle.create(checked, account);
        assertStorable(state);
        const again = requireInputs(await lifecycle.check(checked, given, account));
        expect(lifecycle.diff(id, state, again, account)).toEqual({ changed: false, replaces: [] });

        const live = await lifecycle.read(id, state, account);
        expect(live).toEqual({ state, inputs: checked });
        const refreshed = requireInputs(await lifecycle.check(live?.inputs ?? {}, given, account));
        expect(lifecycle.diff(id, live?.state ?? {}, refreshed, account).changed).toBe(false);
      }),
    );
  });

  test("one update that sends metadata only reaches any other metadata", async () => {
    await fc.assert(
      fc.asyncProperty(declared, metadata, async (given, next) => {
        const account = buildAccount();
        const checked = requireInputs(await lifecycle.check({}, given, account));
        const { id, state } = await lifecycle.create(checked, account);
        const changed = requireInputs(await lifecycle.check(checked, { ...given, metadata: next }, account));
        expect(lifecycle.diff(id, state, changed, account).replaces).toEqual([]);
        const updated = await lifecycle.update(id, state, changed, account);
        expect(lifecycle.diff(id, updated, changed, account)).toEqual({ changed: false, replaces: [] });
        expect(account.client.threads.get(id)).toEqual(next);
        expect(account.client.requests).toEqual(["POST threads", "POST threads/thread_1"]);
      }),
    );
  });

  test("`check` answers with inputs or with problems in one line each", async () => {
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(unknown, null, "", "user", "x", 5, true),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("role", "content", "fileIds", "metadata", "other"), tie("any")),
      ),
    }));
    const names = fc.constantFrom("messages", "metadata", "workspace", "adoptId", "baseUrl", "other");
    const client = buildAccount().client;
    client.failure = "connection";
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, any), declared, async (news, olds) => {
        const { inputs, problems } = await lifecycle.check(olds, news, buildAccount({ client }));
        expect(inputs === undefined).toBe(problems.length > 0);
        for (const problem of problems) expect(problem).toMatch(/^[^\p{Cc}]+[.\]]$/u);
      }),
    );
  });
});

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
        " no: ",
        "\ud800",
        "\u001b[31m",
        "\n",
      ),
      fc.constantFrom<(text: string) => string>(
        (text) => text,
        (text) => JSON.stringify(JSON.stringify(text)),
        (text) => encodeURIComponent(text.toWellFormed()),
        (text) => text.replace(/[<>"&]/g, (sign) => `&#${sign.charCodeAt(0)};`),
        (text) => `${text.slice(0, 14)}…`,
        (text) => Buffer.from(text).toString("base64"),
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.map(([text, write]) => write(text)).join(" "));

const field = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  repetition,
  fc.constantFrom(1711338305153, "1711338305153", "", null, "\udc00"),
);

const json = fc
  .record(
    {
      id: fc.oneof({ weight: 4, arbitrary: fc.constant("thread_1") }, field),
      created_at: field,
      metadata: fc.oneof(
        fc.constant({ a: label }),
        fc.dictionary(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\ud800", "a", "")), field),
        field,
      ),
      request_id: field,
      account_id: fc.constant("sk-account-secret"),
      deleted: fc.constantFrom<unknown>(true, true, false, 1),
      code: fc.oneof(
        fc.constantFrom("InvalidParameter", "InternalError", "Arrearage", "InvalidApiKey"),
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
    { "x-request-id": "a-request" },
    { "x-request-id": `${key} x` },
    { "retry-after": "soon" },
  ),
  body: fc.oneof(
    { weight: 6, arbitrary: json },
    repetition.map((text) => text.toWellFormed()),
    fc.json(),
    fc.string(),
  ),
});

describe("whatever the server answers", () => {
  const inputs = { messages, metadata: { a: label } };
  const state: ThreadState = { messages, metadata: { a: old }, createdAt: 1 };

  test.each<[string, readonly string[]]>([
    ["create", [key, label, ...ofMessages]],
    ["adopt", [key, label]],
    ["read", [key, old, ...ofMessages]],
    ["update", [key, label, old, ...ofMessages]],
    ["delete", [key, old, ...ofMessages]],
  ])(
    "`%s` ends with what Pulumi can store, or with a sentence that shows no secret",
    async (name, secrets) => {
      const { baseUrl, answerWith } = await startAnswering();
      await fc.assert(
        fc.asyncProperty(answers, async (next) => {
          answerWith(next);
          const account = connect(baseUrl);
          const recorded = { ...state, baseUrl };
          await assertWellEnded(secrets, async () => {
            if (name === "create") return lifecycle.create(inputs, account);
            if (name === "adopt")
              return lifecycle.create({ adoptId: "thread_1", metadata: { a: label } }, account);
            if (name === "read") return lifecycle.read("thread_1", recorded, account);
            if (name === "update") {
              return { state: await lifecycle.update("thread_1", recorded, { ...inputs, baseUrl }, account) };
            }
            await lifecycle.delete("thread_1", recorded, account);
            return undefined;
          });
        }),
        { numRuns: 120 },
      );
    },
  );
});

/** Starts a server whose answer the test sets. */
async function startAnswering() {
  let answer = { status: 200, headers: {}, body: "" };
  const { url } = await startHttpServer((request, response) => {
    request.resume();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return {
    baseUrl: `${url}/api/v1`,
    answerWith(next: typeof answer) {
      answer = next;
    },
  };
}

/** Builds an account with a real client. */
function connect(baseUrl: string) {
  const account = buildAccount({ key, stack: { baseUrl } });
  const client = new Client({
    getCredential: () => account.configuration.resolveCredential(),
    settings: { connectTimeout: 1, requestTimeout: 2, operationTimeout: 2, maxRetries: 1, maxConcurrency: 1 },
  });
  return { ...account, getClient: async () => client };
}

/** Runs a hook, and checks its result or its error. */
async function assertWellEnded(
  secrets: readonly string[],
  hook: () => Promise<{ readonly state: ThreadState } | undefined>,
): Promise<void> {
  try {
    const result = await runHook(getProviderText("Thread"), hook);
    if (result !== undefined) assertStorable(result.state);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!/^\W?\w[^\p{Cc}]* \[DASHSCOPE_ERR_\w+\]$/u.test(error.message)) throw error;
    expect(secrets.filter((secret) => error.message.includes(secret))).toEqual([]);
    expect(() => encodeURI(error.message)).not.toThrow();
    if ("properties" in error) assertStorable(error.properties);
  }
}

/** The host passes properties through protobuf, and the engine takes nothing but UTF-8. */
function assertStorable(properties: unknown): void {
  if (typeof properties !== "object" || properties === null) throw new Error("There are no properties.");
  const bytes = Struct.fromJavaScript(Object.fromEntries(Object.entries(properties))).serializeBinary();
  expect(Struct.deserializeBinary(bytes).toJavaScript()).toEqual(properties);
  expect(properties).not.toHaveProperty("account_id");
  expect(listStrings(properties).filter((text) => !text.isWellFormed())).toEqual([]);
}

function listStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.entries(value).flat().flatMap(listStrings) : [];
}

function requireInputs<T>({
  inputs,
  problems,
}: {
  readonly inputs?: T;
  readonly problems: readonly string[];
}): T {
  if (inputs === undefined) throw new Error(`The check refused it: ${problems.join(" ")}`);
  return inputs;
}
