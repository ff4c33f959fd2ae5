import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { Conversation } from "../../../../provider/src/conversation/resource";
import { Thread } from "../../../../provider/src/thread/resource";
import { runProgram } from "./runProgram";

const unset: unknown = undefined;

/** What the classes of threads and conversations have in common. */
interface Case {
  readonly name: string;
  readonly type: string;
  readonly hooks: string;
  readonly resource: {
    new (
      name: string,
      args?: { metadata: Record<string, string> },
      opts?: pulumi.CustomResourceOptions,
    ): pulumi.CustomResource;
    readonly __pulumiType: string;
    get(name: string, id: pulumi.Input<pulumi.ID>): pulumi.CustomResource;
    isInstance(value: unknown): boolean;
  };
  readonly importAdvice: RegExp;
  readonly exampleId: string;
}

const cases: readonly Case[] = [
  {
    name: "Thread",
    type: "pulumi-nodejs:dynamic/dashscope:Thread",
    hooks: "pulumi-dashscope/hooks/thread",
    resource: Thread,
    importAdvice: /`adoptId`.*import-file/,
    exampleId: "thread_1a2b",
  },
  {
    name: "Conversation",
    type: "pulumi-nodejs:dynamic/dashscope:Conversation",
    hooks: "pulumi-dashscope/hooks/conversation",
    resource: Conversation,
    importAdvice: /`adoptId` instead, or use the provider plugin\.$/,
    exampleId: "conv_1a2b",
  },
];

beforeAll(() => {
  process.env["DASHSCOPE_SILENCE_DEPRECATION"] = "1";
  process.env["DASHSCOPE_JOURNAL"] = "off";
});

afterAll(() => {
  delete process.env["DASHSCOPE_SILENCE_DEPRECATION"];
  delete process.env["DASHSCOPE_JOURNAL"];
});

describe.each(cases)("the class $name", ({ type, hooks, resource: Resource, importAdvice, exampleId }) => {
  test("a resource is registered under its permanent type, with the text that loads its hooks", async () => {
    const { resources } = await runProgram({}, () => {
      new Resource("support", { metadata: { team: "support" } });
      new Resource("empty");
      new Resource("null", JSON.parse("null"));
    });
    const registered = resources.filter((one) => one.type === type);
    expect(registered.map(({ name }) => name).sort()).toEqual(["empty", "null", "support"]);
    expect(registered.find(({ name }) => name === "support")?.inputs).toEqual({
      metadata: { team: "support" },
      __provider: `exports.handler = () => require("${hooks}");`,
    });
  });

  test("the option `import` is an error that names the ways to import", async () => {
    const { error } = await runProgram(
      {},
      () => void new Resource("support", { metadata: {} }, { import: exampleId }),
    );
    expect(error).toHaveProperty("message", expect.stringMatching(importAdvice));
  });

  test("an unknown key of the stack configuration is an error", async () => {
    const { error } = await runProgram({ "dashscope:baseurl": "x" }, () => void new Resource("support"));
    expect(error).toHaveProperty("message", expect.stringContaining("`dashscope:baseUrl`"));
  });

  test("`get` reads a resource and creates none", async () => {
    const { resources } = await runProgram({}, () => void Resource.get("other", exampleId));
    expect(resources.find(({ name }) => name === "other")).toMatchObject({ id: exampleId });
  });

  test("`get` without an ID is an error that shows one, and creates nothing", async () => {
    const { error, resources } = await runProgram({}, () => void Resource.get("other", ""));
    expect(error).toHaveProperty("message", expect.stringContaining(`such as ${exampleId}.`));
    expect(resources.filter((one) => one.type === type)).toEqual([]);
  });

  test("`isInstance` and `__pulumiType` work as in a generated SDK", async () => {
    await runProgram({}, () => {
      expect(Resource.isInstance(new Resource("support"))).toBe(true);
      for (const other of cases.filter((one) => one.type !== type))
        expect(Resource.isInstance(new other.resource("other"))).toBe(false);
    });
    expect(Resource.isInstance(unset)).toBe(false);
    expect(Resource.isInstance({ __pulumiType: "other" })).toBe(false);
    expect(Resource.__pulumiType).toBe(type);
  });
});
