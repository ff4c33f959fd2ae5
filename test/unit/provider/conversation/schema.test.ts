import { describe, expect, test } from "@jest/globals";
import {
  equalItems,
  normalizeConversation,
  validateConversation,
} from "../../../../provider/src/conversation/schema";
import { unknown } from "../../../../provider/src/resource/unknown";

const item = { role: "user", content: "Hello" };

describe("validateConversation", () => {
  test.each([
    {},
    { items: [], adoptId: "conv_1" },
    { items: [item, { role: "developer", content: "Hello" }], metadata: { a: "b" }, workspace: "llm-1" },
    { fromThread: "thread_1", metadata: {} },
    { items: Array(100).fill(item) },
    { metadata: { [`${"k".repeat(63)}😀`]: `${"v".repeat(511)}😀` } },
    { metadata: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, ""])) },
  ])("the arguments %j are valid", (given) => {
    expect(validateConversation(given)).toEqual({ inputs: given, problems: [] });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ items: [{ role: "tool", content: "x" }] }, "items[0].role"],
    [{ items: [{ role: "user", content: "" }] }, "items[0].content"],
    [{ items: [{ ...item, metadata: {} }] }, "items[0].metadata"],
    [{ items: Array(101).fill(item) }, "items"],
    [{ metadata: { a: 1 } }, "metadata.a"],
    [{ metadata: { a: "x".repeat(513) } }, "metadata.a"],
    [{ metadata: { ["k".repeat(65)]: "" } }, "metadata"],
    [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, ""])) }, "metadata"],
    [{ adoptId: "conv/1" }, "adoptId"],
    [{ fromThread: 5 }, "fromThread"],
    [{ adoptId: "conv_1", items: [item] }, "adoptId` and `items"],
    [{ adoptId: "conv_1", fromThread: "thread_1" }, "adoptId` and `fromThread"],
    [{ fromThread: "thread_1", items: [item] }, "fromThread` and `items"],
    [{ messages: [] }, "messages"],
  ])("the arguments %j have one problem, which names the property", (given, property) => {
    const { inputs, problems } = validateConversation(given);
    expect(inputs).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(`\`${property}\``)]);
  });

  test.each([
    { items: unknown, adoptId: "conv_1" },
    { items: [unknown], metadata: unknown },
    { items: [{ role: unknown, content: unknown }], metadata: { a: unknown } },
    { adoptId: unknown, fromThread: unknown },
    { fromThread: unknown, items: [item] },
  ])("what isn't known yet can't be wrong: %j", (given) => {
    expect(validateConversation(given).problems).toEqual([]);
  });

  test("the limits of metadata hold beside what isn't known yet", () => {
    const { problems } = validateConversation({ items: unknown, metadata: { a: "x".repeat(600) } });
    expect(problems).toHaveLength(1);
  });
});

test("normalizing removes what isn't set", () => {
  const given = {
    items: [{ role: "user", content: "Hello", name: null }],
    metadata: null,
    workspace: "",
    adoptId: "",
    fromThread: "",
  };
  expect(normalizeConversation(given)).toEqual({ items: [item] });
  expect(normalizeConversation(undefined)).toEqual({});
});

test("absent and empty items are equal, and the order of an item's properties makes no difference", () => {
  expect(equalItems(undefined, [])).toBe(true);
  expect(equalItems([{ role: "user", content: "a" }], [{ content: "a", role: "user" }])).toBe(true);
  expect(equalItems([item], [{ ...item, role: "assistant" }])).toBe(false);
});
