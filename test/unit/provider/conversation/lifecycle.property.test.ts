import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { conversationLifecycle } from "../../../../provider/src/conversation/lifecycle";
import type { Fate } from "../fakeDashScope";
import { Stack } from "../stack";
import { buildAccount } from "../testAccount";

/** An update, and what happens to the conversation after it. */
interface Chapter {
  /** What becomes of the calls that add items. Further ones work. */
  readonly fates: readonly Fate[];
  /** How many items others add. */
  readonly foreign: number;
  /** How many of the oldest items expire. */
  readonly expired: number;
  readonly refreshes: boolean;
}

const fates = fc.array(
  fc.constantFrom<Fate>("works", "is refused", "is lost before the work", "is lost after the work"),
  { minLength: 1, maxLength: 5 },
);

/** Declares items and updates until an update succeeds. Returns the contents that the conversation has of them. */
async function tell(contents: readonly string[], story: readonly Chapter[]): Promise<string[]> {
  const account = buildAccount();
  const { client } = account;
  const stack = new Stack(conversationLifecycle);
  // Equal items are a trap: what arrived can't be told by its content alone.
  const items = contents.map((content) => ({ role: content === "b" ? "assistant" : "user", content }));
  for (const { fates: next, foreign, expired, refreshes } of story) {
    const rest = [...next];
    client.decideFate = ({ adds }) => (adds && rest.shift()) || "works";
    const error = await stack.up({ items }, account);
    if (error === undefined) break;
    expect(error.code).toBe("DASHSCOPE_ERR_INCOMPLETE");
    expect(await stack.preview({ items }, account)).toMatchObject({ isUnfinished: true, replaces: [] });
    client.addItems(Array(foreign).fill({ role: "user", content: "of others" }));
    client.items = client.items.slice(expired);
    if (refreshes) await stack.refresh(account);
  }
  client.decideFate = () => "works";
  expect(await stack.up({ items }, account)).toBeUndefined();
  expect(await stack.preview({ items }, account)).toEqual({ changed: false, replaces: [] });
  return client.items.map(({ content }) => content).filter((content) => content !== "of others");
}

describe("whatever interrupts the creation of a conversation,", () => {
  test("the first update that succeeds leads to the declared items in order, none twice", async () => {
    const repetitive = fc.array(fc.constantFrom("a", "b", "c"), {
      minLength: 21,
      maxLength: 80,
      size: "max",
    });
    const chapter = fc.record({
      fates,
      foreign: fc.nat(3),
      expired: fc.constant(0),
      refreshes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(repetitive, fc.array(chapter, { maxLength: 4 }), async (contents, story) => {
        expect(await tell(contents, story)).toEqual(contents);
      }),
    );
  });

  test("of items that expire in between, the newest are there in order, none twice", async () => {
    const distinct = fc
      .integer({ min: 21, max: 100 })
      .map((length) => Array.from({ length }, (_, at) => String(at)));
    const count = fc.oneof(fc.constant(0), fc.noBias(fc.integer({ min: 1, max: 110 })));
    const chapter = fc.record({ fates, foreign: count, expired: count, refreshes: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(distinct, fc.array(chapter, { maxLength: 4 }), async (contents, story) => {
        const live = await tell(contents, story);
        expect(live).toEqual(contents.slice(contents.length - live.length));
        if (story.every(({ foreign, expired }) => foreign + expired === 0)) expect(live).toEqual(contents);
      }),
      { numRuns: 300 },
    );
  });
});
