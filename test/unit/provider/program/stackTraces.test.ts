import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { shortenStackTraces } from "../../../../provider/src/program/stackTraces";
import { Thread } from "../../../../provider/src/thread/resource";

const limit = Error.stackTraceLimit;

beforeEach(() => {
  Error.stackTraceLimit = 20;
});

afterEach(() => {
  Error.stackTraceLimit = limit;
  delete process.env["PULUMI_DEBUG_PROMISE_LEAKS"];
});

describe("shortenStackTraces", () => {
  test("stack traces are short until they're restored", () => {
    const restore = shortenStackTraces();
    expect(listFrames(buildDeepError(10))).toHaveLength(6);
    restore();
    expect(listFrames(buildDeepError(10)).length).toBeGreaterThan(10);
  });

  test("stack traces don't become longer than the program wants them", () => {
    Error.stackTraceLimit = 2;
    const restore = shortenStackTraces();
    expect(listFrames(buildDeepError(10))).toHaveLength(2);
    restore();
    expect(Error.stackTraceLimit).toBe(2);
  });

  test("stack traces stay as they are while someone looks for promises that leak", () => {
    process.env["PULUMI_DEBUG_PROMISE_LEAKS"] = "true";
    shortenStackTraces();
    expect(listFrames(buildDeepError(10)).length).toBeGreaterThan(10);
  });

  test("the stack trace of an error in a thread's transformation leads to it and to the declaration", () => {
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
    const frames = listFrames(thrown);
    expect(frames[0]).toContain("transformation");
    expect(frames.at(-1)).toContain("declaration");
    expect(Error.stackTraceLimit).toBe(20);
  });
});

function buildDeepError(depth: number): Error {
  return depth === 0 ? new Error("deep") : buildDeepError(depth - 1);
}

function listFrames(error: unknown): string[] {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
}
