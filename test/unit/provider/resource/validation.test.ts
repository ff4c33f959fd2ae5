import { describe, expect, test } from "@jest/globals";
import { quotePath } from "../../../../provider/src/dashscope/quote";
import { unknown } from "../../../../provider/src/resource/unknown";
import { validate } from "../../../../provider/src/resource/validation";
import * as z from "../../../../provider/src/zod";

const schema = z.object({
  name: z.string("a string"),
  labels: z.exactOptional(z.record(z.string(), z.string("a string"))),
});
const check = (given: unknown) => validate(schema, given, () => "a test");

describe("validate", () => {
  test("valid inputs are returned without problems", () => {
    expect(check({ name: "a", labels: { b: "c" } })).toEqual({
      inputs: { name: "a", labels: { b: "c" } },
      problems: [],
    });
  });

  test.each<[unknown, string]>([
    [undefined, "missing"],
    [null, "null"],
    [7, "a number"],
    [true, "a boolean"],
    [["secret-value"], "an array"],
    [{ a: "secret-value" }, "an object"],
  ])("a problem with %j says that it's %s, and never shows the value", (name, kind) => {
    expect(check({ name })).toEqual({ problems: [`\`name\` must be a string, but it's ${kind}.`] });
  });

  test("a property that isn't known yet can't be wrong, and the others still can", () => {
    expect(check({ name: unknown, labels: unknown }).problems).toEqual([]);
    expect(check({ name: unknown, labels: { a: 1 } }).problems).toEqual([
      "`labels.a` must be a string, but it's a number.",
    ]);
  });
});

test("quotePath keeps any path on one short line", () => {
  expect(quotePath(["messages", 0, "role"])).toBe("`messages[0].role`");
  expect(quotePath(["metadata", "a b"])).toBe('`metadata["a b"]`');
  for (const key of ["two\nlines", "x".repeat(5000), "\u001b[31m"]) {
    expect(quotePath(["metadata", key])).toMatch(/^[^\p{Cc}]{1,100}$/u);
  }
});
