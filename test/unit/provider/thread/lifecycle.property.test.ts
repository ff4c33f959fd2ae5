import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { getProviderText } from "../../../../provider/src/resource/providerText";
import { unknown } from "../../../../provider/src/resource/unknown";
import { threadLifecycle as lifecycle } from "../../../../provider/src/thread/lifecycle";
import type { ThreadState } from "../../../../provider/src/thread/schema";
import { buildAccount } from "../fakeAccount";
import {
  assertStorable,
  assertWellEnded,
  buildAnswers,
  connect,
  content,
  key,
  label,
  ofContent,
  old,
  requireInputs,
  startAnswering,
} from "../unreliableServer";

// Hundreds of requests a test.
jest.setTimeout(60_000);

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

describe("whatever the server answers", () => {
  const inputs = { messages, metadata: { a: label } };
  const answers = buildAnswers("thread_1", {
    code: "InvalidParameter",
    message: "The specified thread has been deleted or does not exist.",
  });
  const state: ThreadState = { messages, metadata: { a: old }, createdAt: 1 };

  test.each<[string, readonly string[]]>([
    ["create", [key, label, ...ofContent]],
    ["adopt", [key, label]],
    ["read", [key, old, ...ofContent]],
    ["update", [key, label, old, ...ofContent]],
    ["delete", [key, old, ...ofContent]],
  ])(
    "`%s` ends with what Pulumi can store, or with a sentence that shows no secret",
    async (name, secrets) => {
      const { url, answerWith } = await startAnswering();
      const baseUrl = `${url}/api/v1`;
      await fc.assert(
        fc.asyncProperty(answers, async (next) => {
          answerWith(next);
          const account = connect(baseUrl);
          const recorded = { ...state, baseUrl };
          await assertWellEnded(getProviderText("Thread"), secrets, async () => {
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
