import { expect, test } from "@jest/globals";
import { findCombinations } from "../../../../scripts/compat/combinations";

test("words choose the projects that have them all", () => {
  expect(findCombinations(["22", "pnpm", "component"])).toEqual([
    { node: "22", sdk: "newest", manager: "pnpm", program: "component" },
  ]);
});

test("words that no project has are refused, so that a slip is not taken for success", () => {
  expect(() => findCombinations(["22", "pnmp"])).toThrow("No project has all of: 22, pnmp.");
});
