import { expect, test } from "@jest/globals";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { hasUnknown, isUnknownAt, unknown } from "../../../../provider/src/resource/unknown";

const given = { metadata: unknown, messages: [{ role: "user", content: unknown }, unknown], workspace: "x" };

test("the constant for unknown values is Pulumi's", () => {
  expect(unknown).toBe(unknownValue);
});

test.each([
  [["messages", 0, "content"], true],
  [["messages", 1], true],
  [["messages", 1, "role"], true],
  [["metadata", "a", "b"], true],
  [[], false],
  [["workspace"], false],
  [["messages"], false],
  [["messages", 0, "role"], false],
  [["messages", 7], false],
  [["missing", "a"], false],
])("isUnknownAt answers for the path %j: %s", (path, expected) => {
  expect(isUnknownAt(given, path)).toBe(expected);
});

test("hasUnknown finds an unknown value at any depth", () => {
  expect(hasUnknown(given)).toBe(true);
  expect(hasUnknown([[{ a: [unknown] }]])).toBe(true);
  expect(hasUnknown([null, { a: "b" }, undefined, 7])).toBe(false);
});
