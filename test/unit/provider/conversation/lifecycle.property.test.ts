import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { conversationLifecycle as lifecycle } from "../../../../provider/src/conversation/lifecycle";
import type { ConversationInputs, ConversationState } from "../../../../provider/src/conversation/schema";
import { IncompleteError } from "../../../../provider/src/resource/errors";
import { getProviderText } from "../../../../provider/src/resource/providerText";
import { unknown } from "../../../../provider/src/resource/unknown";
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
import { FakeService, type Fate } from "./fakeService";

// Hundreds of requests a test.
jest.setTimeout(60_000);

beforeAll(() => {
  // No backoff between attempts.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

const metadata = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 64 }).filter((name) => name !== "__proto__"),
  fc.string(),
  { maxKeys: 16 },
);
const role = fc.constantFrom("user" as const, "assistant" as const, "system" as const, "developer" as const);
const items = fc.array(fc.record({ role, content: fc.string({ minLength: 1 }) }), {
  maxLength: 100,
  size: "max",
});
const declared = fc.record({ items, metadata }, { requiredKeys: [] });

/** Creates an account of a service in memory. */
function open(service = new FakeService()) {
  return { ...buildAccount(), service, getClient: async () => service };
}

describe("whatever a program declares", () => {
  test("a created conversation shows no change when it's read and declared again", async () => {
    await fc.assert(
      fc.asyncProperty(declared, async (given) => {
        const account = open();
        const checked = requireInputs(await lifecycle.check({}, given, account));
        const { id, state } = await lifecycle.create(checked, account);
        assertStorable(state);
        expect(account.service.items.map(({ role, text }) => ({ role, content: text }))).toEqual(
          given.items ?? [],
        );
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
        const account = open();
        const checked = requireInputs(await lifecycle.check({}, given, account));
        const { id, state } = await lifecycle.create(checked, account);
        const changed = requireInputs(await lifecycle.check(checked, { ...given, metadata: next }, account));
        expect(lifecycle.diff(id, state, changed, account).replaces).toEqual([]);
        const before = account.service.requests.length;
        const updated = await lifecycle.update(id, state, changed, account);
        expect(lifecycle.diff(id, updated, changed, account)).toEqual({ changed: false, replaces: [] });
        expect(account.service.metadata.get(id)).toEqual(next);
        expect(account.service.requests.slice(before)).toEqual([`POST conversations/${id}`]);
      }),
    );
  });

  test("`check` answers with inputs or with problems in one line each", async () => {
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(unknown, null, "", "user", "x", "x".repeat(600), 5, true),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(
          fc.oneof(fc.constantFrom("role", "content", "other"), fc.string({ maxLength: 80 })),
          tie("any"),
        ),
      ),
    }));
    const names = fc.constantFrom(
      "items",
      "metadata",
      "workspace",
      "adoptId",
      "fromThread",
      "baseUrl",
      "other",
    );
    const service = new FakeService();
    service.failure = "connection";
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, any), declared, async (news, olds) => {
        const { inputs, problems } = await lifecycle.check(olds, news, open(service));
        expect(inputs === undefined).toBe(problems.length > 0);
        for (const problem of problems) expect(problem).toMatch(/^[^\p{Cc}]+[.\]]$/u);
      }),
    );
  });
});

/** What happens to a conversation between two updates. */
interface Interlude {
  /** How many items others add. */
  readonly foreign: number;
  /** How many of the oldest items expire. */
  readonly expired: number;
  /** Whether a refresh runs. */
  readonly refreshes: boolean;
}

const fates = fc.array(
  fc.constantFrom<Fate>("works", "is refused", "is lost before the work", "is lost after the work"),
  { minLength: 1, maxLength: 5 },
);

/** Declares, and updates until an update succeeds. Between two updates, the interludes happen. */
async function converge(
  declaredItems: NonNullable<ConversationInputs["items"]>,
  attempts: readonly { readonly fates: readonly Fate[]; readonly interlude: Interlude }[],
) {
  const account = open();
  const { service } = account;
  const inputs = requireInputs(await lifecycle.check({}, { items: declaredItems }, account));
  let id: string | undefined;
  let state: ConversationState = {};
  const up = async () => {
    try {
      if (id === undefined) ({ id, state } = await lifecycle.create(inputs, account));
      else state = await lifecycle.update(id, state, inputs, account);
      return true;
    } catch (error) {
      if (!(error instanceof IncompleteError)) throw error;
      assertStorable(error.state);
      ({ id, state } = error);
      expect(lifecycle.diff(id, state, inputs, account)).toMatchObject({ isUnfinished: true, replaces: [] });
      return false;
    }
  };
  let isDone = false;
  for (const { fates: next, interlude } of attempts) {
    service.fates = [...next];
    isDone = await up();
    if (isDone) break;
    const { foreign, expired, refreshes } = interlude;
    service.add(Array.from({ length: foreign }, () => ({ role: "user", text: "of others" })));
    service.expire(expired);
    if (refreshes && id !== undefined) state = (await lifecycle.read(id, state, account))?.state ?? {};
  }
  service.fates = [];
  if (!isDone) expect(await up()).toBe(true);
  expect(state).not.toHaveProperty("__unfinished");
  const live = service.items.filter(({ text }) => text !== "of others");
  return live.map(({ role, text }) => ({ role, content: text }));
}

describe("whatever interrupts the creation", () => {
  const few = fc.record({ foreign: fc.nat(3), expired: fc.constant(0), refreshes: fc.boolean() });
  const count = fc.oneof(fc.constant(0), fc.noBias(fc.integer({ min: 1, max: 110 })));
  const many = fc.record({ foreign: count, expired: count, refreshes: fc.boolean() });

  test("the first update that succeeds leads to the declared items in order, none twice", async () => {
    // Equal items are a trap: what arrived can't be told by its text alone.
    const repetitive = fc.array(
      fc.record({
        role: fc.constantFrom("user" as const, "assistant" as const),
        content: fc.constantFrom("a", "b", "c"),
      }),
      { minLength: 21, maxLength: 80, size: "max" },
    );
    const attempts = fc.array(fc.record({ fates, interlude: few }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(repetitive, attempts, async (all, some) => {
        expect(await converge(all, some)).toEqual(all);
      }),
    );
  });

  test("of items that expire in between, the newest are there in order, none twice", async () => {
    const distinct = fc
      .integer({ min: 21, max: 100 })
      .map((count) =>
        Array.from({ length: count }, (_, at) => ({ role: "user" as const, content: `${at}` })),
      );
    const attempts = fc.array(fc.record({ fates, interlude: many }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(distinct, attempts, async (all, some) => {
        const live = await converge(all, some);
        expect(live).toEqual(all.slice(all.length - live.length));
        if (!some.some(({ interlude }) => interlude.foreign + interlude.expired > 0))
          expect(live).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });
});

describe("whatever the server answers", () => {
  const inputs = { items: [{ role: "user" as const, content }], metadata: { a: label } };
  const answers = buildAnswers("conv_1", {
    code: null,
    message: "Conversation with id 'conv_1' not found.",
  });
  // Half of a character, in the ID of an item or a message.
  const oddIds = {
    status: 200,
    headers: {},
    body: '{"id":"conv_1","data":[{"id":"\\ud800","role":"user","content":["x"]}],"has_more":false}',
  };
  // The ID is shown in sentences about what follows the creation.
  const keyAsId = { status: 200, headers: {}, body: JSON.stringify({ id: key }) };
  const state: ConversationState = {
    items: inputs.items,
    metadata: { a: old },
    createdAt: 1,
    __unfinished: { confirmed: 0 },
  };

  test.each<[string, readonly string[]]>([
    ["create", [key, label, ...ofContent]],
    ["adopt", [key, label]],
    ["read", [key, old, ...ofContent]],
    ["update", [key, label, old, ...ofContent]],
    ["delete", [key, old, ...ofContent]],
    ["copy", [key]],
  ])(
    "`%s` ends with what Pulumi can store, or with a sentence that shows no secret",
    async (name, secrets) => {
      const { url, answerWith } = await startAnswering();
      const baseUrl = `${url}/compatible-mode/v1`;
      await fc.assert(
        fc.asyncProperty(answers, async (next) => {
          answerWith(next);
          const account = connect(`${url}/api/v1`);
          const recorded = { ...state, baseUrl };
          await assertWellEnded(getProviderText("Conversation"), secrets, async () => {
            if (name === "create") return lifecycle.create(inputs, account);
            if (name === "adopt")
              return lifecycle.create({ adoptId: "conv_1", metadata: { a: label } }, account);
            if (name === "copy") return lifecycle.create({ fromThread: "conv_1" }, account);
            if (name === "read") return lifecycle.read("conv_1", recorded, account);
            if (name === "update") {
              return { state: await lifecycle.update("conv_1", recorded, { ...inputs, baseUrl }, account) };
            }
            await lifecycle.delete("conv_1", recorded, account);
            return undefined;
          });
        }),
        { numRuns: 120, examples: [[oddIds], [keyAsId]] },
      );
    },
  );
});
