import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { shortenStackTraces } from "../../../../provider/src/pulumi/stackTraces";

const limit = Error.stackTraceLimit;

beforeEach(() => {
  Error.stackTraceLimit = 20;
});

afterEach(() => {
  Error.stackTraceLimit = limit;
  delete process.env["PULUMI_DEBUG_PROMISE_LEAKS"];
});

describe("stack traces of new errors", () => {
  test("are short until they are restored", () => {
    const restore = shortenStackTraces();
    expect(framesOf(deepError(10))).toHaveLength(5);
    restore();
    expect(framesOf(deepError(10)).length).toBeGreaterThan(10);
  });

  test("do not become longer than the program wants them", () => {
    Error.stackTraceLimit = 2;
    const restore = shortenStackTraces();
    expect(framesOf(deepError(10))).toHaveLength(2);
    restore();
    expect(Error.stackTraceLimit).toBe(2);
  });

  test("stay as they are while somebody looks for promises that leak", () => {
    process.env["PULUMI_DEBUG_PROMISE_LEAKS"] = "true";
    shortenStackTraces();
    expect(framesOf(deepError(10)).length).toBeGreaterThan(10);
  });

  test("that a thread's transformation throws lead to it and to where the thread is declared", () => {
    const transformation = () => {
      throw new Error("not this one");
    };
    let thrown: unknown;
    function declaration() {
      new Thread("support", {}, { transformations: [transformation] });
    }
    try {
      declaration();
    } catch (error) {
      thrown = error;
    }
    const frames = framesOf(thrown);
    expect(frames[0]).toContain("transformation");
    expect(frames.at(-1)).toContain("declaration");
    expect(Error.stackTraceLimit).toBe(20);
  });
});

function deepError(depth: number): Error {
  return depth === 0 ? new Error("deep") : deepError(depth - 1);
}

function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
}
