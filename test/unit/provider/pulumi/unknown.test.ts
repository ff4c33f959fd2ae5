import { describe, expect, test } from "@jest/globals";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { isUnknownAt, unknown } from "../../../../provider/src/pulumi/unknown";

test("what is not known yet is told by Pulumi's own constant", () => {
  expect(unknown).toBe(unknownValue);
});

describe("a value in the arguments", () => {
  const given = {
    metadata: unknown,
    messages: [{ role: "user", content: unknown }, unknown],
    workspace: "x",
  };

  test.each([
    ["it is the constant", ["messages", 0, "content"]],
    ["it stands in a list and is the constant", ["messages", 1]],
    ["what holds it is the constant", ["messages", 1, "role"]],
    ["what holds it from afar is the constant", ["metadata", "a", "b"]],
  ])("is unknown when %s", (_, path) => {
    expect(isUnknownAt(given, path)).toBe(true);
  });

  test.each([
    [[]],
    [["workspace"]],
    [["messages"]],
    [["messages", 0, "role"]],
    [["messages", 7]],
    [["missing", "a"]],
  ])("is known at %j", (path) => {
    expect(isUnknownAt(given, path)).toBe(false);
  });

  test("is unknown everywhere when all arguments are", () => {
    expect(isUnknownAt(unknown, ["metadata"])).toBe(true);
    expect(isUnknownAt(undefined, ["metadata"])).toBe(false);
  });
});
