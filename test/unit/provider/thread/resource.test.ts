import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { Thread } from "../../../../provider/src/thread/resource";
import { runProgram } from "../program/runProgram";

const unset: unknown = undefined;

beforeAll(() => {
  process.env["DASHSCOPE_SILENCE_DEPRECATION"] = "1";
  process.env["DASHSCOPE_JOURNAL"] = "off";
});

afterAll(() => {
  delete process.env["DASHSCOPE_SILENCE_DEPRECATION"];
  delete process.env["DASHSCOPE_JOURNAL"];
});

describe("Thread", () => {
  test("a thread is registered under its permanent type, with the text that loads its hooks", async () => {
    const { resources } = await runProgram({}, () => {
      new Thread("support", { metadata: { team: "support" } });
      new Thread("empty");
      new Thread("null", JSON.parse("null"));
    });
    const threads = resources.filter(({ type }) => type === "pulumi-nodejs:dynamic/dashscope:Thread");
    expect(threads.map(({ name }) => name).sort()).toEqual(["empty", "null", "support"]);
    expect(threads.find(({ name }) => name === "support")?.inputs).toEqual({
      metadata: { team: "support" },
      __provider: 'exports.handler = () => require("pulumi-dashscope/hooks/thread");',
    });
  });

  test("the option `import` is an error that names the ways to import", async () => {
    const { error } = await runProgram({}, () => void new Thread("support", {}, { import: "thread_1" }));
    expect(error).toHaveProperty("message", expect.stringMatching(/`adoptId`.*import-file/));
  });

  test("an unknown key of the stack configuration is an error", async () => {
    const { error } = await runProgram({ "dashscope:baseurl": "x" }, () => void new Thread("support"));
    expect(error).toHaveProperty("message", expect.stringContaining("`dashscope:baseUrl`"));
  });

  test("`get` reads a thread and creates none", async () => {
    const { resources } = await runProgram({}, () => void Thread.get("other", "thread_1"));
    expect(resources.find(({ name }) => name === "other")).toMatchObject({ id: "thread_1" });
  });

  test.each(["", undefined])("`get` with the ID %j is an error", async (id) => {
    const { error } = await runProgram({}, () => {
      Reflect.apply(Thread.get, Thread, ["support", id]);
    });
    expect(error).toHaveProperty("message", expect.stringContaining("[DASHSCOPE_ERR_CONFIGURATION]"));
  });

  test("`createdAt` can be undefined in the types", () => {
    type Value<T> = T extends pulumi.Output<infer U> ? U : never;
    const unset: undefined extends Value<Thread["createdAt"]> ? true : false = true;
    expect(unset).toBe(true);
  });

  test("`isInstance` and `__pulumiType` work as in a generated SDK", async () => {
    await runProgram({}, () => {
      expect(Thread.isInstance(new Thread("support"))).toBe(true);
    });
    expect(Thread.isInstance(unset)).toBe(false);
    expect(Thread.isInstance({ __pulumiType: "other" })).toBe(false);
    expect(Thread.__pulumiType).toBe("pulumi-nodejs:dynamic/dashscope:Thread");
  });
});
