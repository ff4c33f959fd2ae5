import { describe, expect, test } from "@jest/globals";
import { type Arrival, countArrived } from "../../../../provider/src/conversation/batches";
import type { Item } from "../../../../provider/src/conversation/item";

const items: Item[] = ["a", "b", "c", "d", "e"].map((text) => ({ role: "user", parts: [text] }));

/** The live items with these contents. Each has its position as its ID. */
function buildLive(texts: string, role = "user") {
  return [...texts].map((text, index) => ({ id: String(index), role, parts: [text] }));
}

describe("countArrived", () => {
  test.each<[string, string, Arrival, number]>([
    ["nothing arrived after the last confirmed item", "ab", { confirmed: 2, lastItem: "1" }, 2],
    ["the lost batch arrived", "abcd", { confirmed: 2, lastItem: "1" }, 4],
    ["a part of the lost batch arrived", "abc", { confirmed: 2, lastItem: "1" }, 3],
    ["someone else added items", "abxcyd", { confirmed: 2, lastItem: "1" }, 4],
    ["someone else added an item in front", "xabc", { confirmed: 2 }, 3],
    ["no item of the create was confirmed by its ID", "abcd", { confirmed: 2 }, 4],
    ["the items of the create have expired", "cd", { confirmed: 2 }, 4],
    ["the last confirmed item has expired", "cd", { confirmed: 2, lastItem: "gone" }, 4],
    ["a part of the lost batch has expired, too", "e", { confirmed: 2 }, 5],
    [
      "the last confirmed item and a part of the lost batch have expired",
      "xd",
      { confirmed: 2, lastItem: "gone" },
      4,
    ],
    ["everything has expired", "", { confirmed: 2, lastItem: "gone" }, 2],
  ])("if %s, the live items %j and the arrival %j mean %d items", (_, live, arrival, expected) => {
    expect(countArrived(items, buildLive(live), arrival)).toBe(expected);
  });

  test("equal items count by the longest match", () => {
    const repetitive: Item[] = [..."abcda"].map((text) => ({ role: "user", parts: [text] }));
    expect(countArrived(repetitive, buildLive("abcd"), { confirmed: 2 })).toBe(4);
    expect(countArrived(repetitive, buildLive("bcd"), { confirmed: 2 })).toBe(4);
    expect(countArrived(repetitive, buildLive("a"), { confirmed: 4, lastItem: "gone" })).toBe(5);
  });

  test("an item of another role or with other parts is another item", () => {
    expect(countArrived(items, buildLive("abcde", "assistant"), { confirmed: 0 })).toBe(0);
    const joined = [{ id: "1", role: "user", parts: ["a", "b"] }];
    expect(countArrived(items, joined, { confirmed: 0 })).toBe(0);
  });
});
