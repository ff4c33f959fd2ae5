import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { conversationLifecycle } from "../../../../provider/src/conversation/lifecycle";
import { checkInputs } from "../../../../provider/src/frontEnd/check";
import type { Lifecycle } from "../../../../provider/src/resource/lifecycle";
import { getProviderText } from "../../../../provider/src/resource/providerText";
import { unknown } from "../../../../provider/src/resource/unknown";
import { threadLifecycle } from "../../../../provider/src/thread/lifecycle";
import { requireInputs, Stack } from "../stack";
import { buildAccount, connectAccount } from "../testAccount";
import {
  assertWellEnded,
  buildAnswers,
  content,
  contentParts,
  key,
  label,
  old,
  startAnswering,
} from "../unreliableServer";

// Hundreds of requests a test.
jest.setTimeout(60_000);

beforeAll(() => {
  // No backoff between attempts.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

/** A resource that's one object with metadata. */
interface Subject {
  readonly resource: "Thread" | "Conversation";
  readonly lifecycle: Lifecycle<object, object>;
  /** Arguments that programs declare. */
  readonly declared: fc.Arbitrary<object>;
  readonly argumentNames: readonly string[];
  readonly id: string;
  /** How DashScope says that the object is gone. */
  readonly gone: { readonly code: string | null; readonly message: string };
  readonly path: string;
  /** Arguments with {@link content}. */
  readonly contents: object;
  /** A state that has more to do than others. */
  readonly extraState: object;
}

const metadata = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 64 }).filter((name) => name !== "__proto__"),
  fc.string(),
  { maxKeys: 16 },
);
const declaredContent = fc.string({ minLength: 1 });
const message = fc.record(
  {
    role: fc.constantFrom("user", "assistant"),
    content: declaredContent,
    fileIds: fc.array(fc.string()),
    metadata,
  },
  { requiredKeys: ["role", "content"] },
);
const item = fc.record({
  role: fc.constantFrom("user", "assistant", "system", "developer"),
  content: declaredContent,
});

const subjects: readonly Subject[] = [
  {
    resource: "Thread",
    lifecycle: threadLifecycle,
    declared: fc.record({ messages: fc.array(message), metadata }, { requiredKeys: [] }),
    argumentNames: ["messages", "metadata", "workspace", "adoptId", "baseUrl", "other"],
    id: "thread_1",
    gone: {
      code: "InvalidParameter",
      message: "The specified thread has been deleted or does not exist.",
    },
    path: "/api/v1",
    contents: { messages: [{ role: "user", content, metadata: { a: label } }] },
    extraState: {},
  },
  {
    resource: "Conversation",
    lifecycle: conversationLifecycle,
    declared: fc.record(
      { items: fc.array(item, { maxLength: 100, size: "max" }), metadata },
      { requiredKeys: [] },
    ),
    argumentNames: ["items", "metadata", "workspace", "adoptId", "fromThread", "baseUrl", "other"],
    id: "conv_1",
    gone: { code: null, message: "Conversation with id 'conv_1' not found." },
    path: "/compatible-mode/v1",
    contents: { items: [{ role: "user", content }] },
    extraState: { __unfinished: { confirmed: 0 } },
  },
];

describe.each(subjects)("whatever a program declares as a $resource,", ({ lifecycle, ...subject }) => {
  const { declared, argumentNames } = subject;

  test("what was created shows no change when it's declared again, also after a refresh", async () => {
    await fc.assert(
      fc.asyncProperty(declared, async (given) => {
        const account = buildAccount();
        const stack = new Stack(lifecycle);
        expect(await stack.up(given, account)).toBeUndefined();
        expect(account.client.items.map(({ role, content }) => ({ role, content }))).toEqual(
          "items" in given ? given.items : [],
        );
        expect(await stack.preview(given, account)).toEqual({ changed: false, replaces: [] });

        const { state, inputs } = stack;
        await stack.refresh(account);
        expect(stack).toMatchObject({ state, inputs });
        expect(await stack.preview(given, account)).toEqual({ changed: false, replaces: [] });
      }),
    );
  });

  test("one update that sends metadata only reaches any other metadata", async () => {
    await fc.assert(
      fc.asyncProperty(declared, metadata, async (given, next) => {
        const account = buildAccount();
        const stack = new Stack(lifecycle);
        await stack.up(given, account);
        const created = account.client.calls.length;
        const changed = requireInputs(
          await lifecycle.check(stack.inputs, { ...given, metadata: next }, account),
        );
        const state = await lifecycle.update(stack.id, stack.state, changed, account);
        expect(lifecycle.diff(stack.id, state, changed, account)).toEqual({ changed: false, replaces: [] });
        expect(account.client.objects.get(stack.id)).toEqual(next);
        expect(account.client.calls.slice(created)).toMatchObject([{ body: { metadata: next } }]);
      }),
    );
  });

  test("the check answers with inputs, or with problems in one line each with a code", async () => {
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(unknown, null, "", "user", "x", "x".repeat(600), 5, true),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(
          fc.oneof(
            fc.constantFrom("role", "content", "fileIds", "metadata", "other"),
            fc.string({ maxLength: 80 }),
          ),
          tie("any"),
        ),
      ),
    }));
    const { client } = buildAccount();
    client.decideFate = () => "is lost before the work";
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...argumentNames), any),
        declared,
        async (news, olds) => {
          const { inputs, problems } = await checkInputs(lifecycle, olds, news, buildAccount({ client }));
          expect(inputs === undefined).toBe(problems.length > 0);
          for (const problem of problems) expect(problem).toMatch(/^[^\p{Cc}]+ \[DASHSCOPE_ERR_\w+\]$/u);
        },
      ),
    );
  });
});

describe.each(subjects)("whatever the server answers for a $resource,", (subject) => {
  const { resource, lifecycle, id, contents } = subject;
  const inputs = { ...contents, metadata: { a: label } };
  // Half of a character, in the ID of an item or a message.
  const oddIds = {
    status: 200,
    headers: {},
    body: `{"id":"${id}","data":[{"id":"\\ud800","role":"user","content":["x"]}],"has_more":false}`,
  };
  // The ID is shown in sentences about what follows the creation.
  const keyAsId = { status: 200, headers: {}, body: JSON.stringify({ id: key }) };

  test.each<[string, readonly string[]]>([
    ["create", [key, label, ...contentParts]],
    ["adopt", [key, label]],
    ["read", [key, old, ...contentParts]],
    ["update", [key, label, old, ...contentParts]],
    ["delete", [key, old, ...contentParts]],
    ...(resource === "Conversation" ? [["copy", [key]] satisfies [string, string[]]] : []),
  ])(
    "`%s` ends with what Pulumi can store, or with a sentence that shows no secret",
    async (verb, secrets) => {
      const { url, answerWith } = await startAnswering();
      const baseUrl = `${url}${subject.path}`;
      const state = { ...contents, metadata: { a: old }, createdAt: 1, ...subject.extraState, baseUrl };
      await fc.assert(
        fc.asyncProperty(buildAnswers(id, subject.gone), async (answer) => {
          answerWith(answer);
          const account = connectAccount(`${url}/api/v1`, {
            DASHSCOPE_API_KEY: key,
            DASHSCOPE_REQUEST_TIMEOUT: "2",
            DASHSCOPE_OPERATION_TIMEOUT: "2",
            DASHSCOPE_MAX_RETRIES: "1",
          });
          await assertWellEnded(getProviderText(resource), secrets, async () => {
            if (verb === "create") return lifecycle.create(inputs, account);
            if (verb === "adopt") return lifecycle.create({ adoptId: id, metadata: { a: label } }, account);
            if (verb === "copy") return lifecycle.create({ fromThread: id }, account);
            if (verb === "read") return lifecycle.read(id, state, account);
            if (verb === "update")
              return { state: await lifecycle.update(id, state, { ...inputs, baseUrl }, account) };
            await lifecycle.delete(id, state, account);
            return undefined;
          });
        }),
        { numRuns: 120, examples: [[oddIds], [keyAsId]] },
      );
    },
  );
});
