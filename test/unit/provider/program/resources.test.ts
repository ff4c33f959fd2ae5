import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { Conversation } from "../../../../provider/src/conversation/resource";
import { Thread } from "../../../../provider/src/thread/resource";
import { ThreadSet } from "../../../../provider/src/threadSet/resource";
import { runProgram } from "./runProgram";

interface Case {
  readonly name: string;
  readonly token: string;
  readonly hooks: string;
  readonly resource: {
    readonly __pulumiType: string;
    isInstance(value: unknown): boolean;
  };
  readonly importAdvice: string;
  readonly declare: (name: string, opts?: pulumi.CustomResourceOptions) => pulumi.CustomResource;
}

/** A class whose resources can be looked up and adopted. */
interface ObjectCase extends Case {
  /** Declares a resource, or passes on what a program in JavaScript passes. */
  readonly declareWith: (args: unknown) => pulumi.CustomResource;
  readonly get: (id: string) => pulumi.CustomResource;
  readonly exampleId: string;
}

const args = { metadata: { team: "support" } };

const objectCases: readonly ObjectCase[] = [
  {
    name: "Thread",
    token: "pulumi-nodejs:dynamic/dashscope:Thread",
    hooks: "pulumi-dashscope/hooks/thread",
    resource: Thread,
    declare: (name, opts) => new Thread(name, args, opts),
    declareWith: (given) => Reflect.construct(Thread, ["other", given]),
    get: (id) => Thread.get("other", id),
    importAdvice: "import-file",
    exampleId: "thread_1a2b",
  },
  {
    name: "Conversation",
    token: "pulumi-nodejs:dynamic/dashscope:Conversation",
    hooks: "pulumi-dashscope/hooks/conversation",
    resource: Conversation,
    declare: (name, opts) => new Conversation(name, args, opts),
    declareWith: (given) => Reflect.construct(Conversation, ["other", given]),
    get: (id) => Conversation.get("other", id),
    importAdvice: "`adoptId`",
    exampleId: "conv_1a2b",
  },
];

const cases: readonly Case[] = [
  ...objectCases,
  {
    name: "ThreadSet",
    token: "pulumi-nodejs:dynamic/dashscope:ThreadSet",
    hooks: "pulumi-dashscope/hooks/threadSet",
    resource: ThreadSet,
    importAdvice: "adoptId",
    declare: (name, opts) => new ThreadSet(name, { threads: { acme: args } }, opts),
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

describe.each(cases)("the class $name", ({ name, token, hooks, resource, declare, importAdvice }) => {
  test("a resource is registered under its permanent type, with the string that loads its hooks", async () => {
    const { resources } = await runProgram({}, () => void declare("support"));
    const [registered, ...others] = resources.filter(({ type }) => type === token);
    expect(others).toEqual([]);
    expect(registered).toMatchObject({
      name: "support",
      inputs: {
        ...(name === "ThreadSet" ? { threads: { acme: args } } : args),
        __provider: `exports.handler = () => require("${hooks}");`,
      },
    });
  });

  test("the option `import` is an error that names the ways to import", async () => {
    const { error } = await runProgram({}, () => void declare("support", { import: "thread_1" }));
    expect(error).toHaveProperty("message", expect.stringContaining(importAdvice));
  });

  test("an unknown key of the stack configuration is an error", async () => {
    const { error } = await runProgram({ "dashscope:baseurl": "x" }, () => void declare("support"));
    expect(error).toHaveProperty("message", expect.stringContaining("`dashscope:baseUrl`"));
  });

  test("`isInstance` and `__pulumiType` work as in a generated SDK", async () => {
    await runProgram({}, () => {
      for (const other of cases)
        expect(resource.isInstance(other.declare(other.name))).toBe(other.resource === resource);
    });
    for (const value of [undefined, null, { __pulumiType: "other" }])
      expect(resource.isInstance(value)).toBe(false);
    expect(resource.isInstance({ __pulumiType: token })).toBe(true);
    expect(resource.__pulumiType).toBe(token);
  });
});

describe.each(objectCases)("the class $name", ({ token, declareWith, get, exampleId }) => {
  test("the arguments may be left out, or null", async () => {
    const { resources } = await runProgram({}, () => {
      declareWith(undefined);
      declareWith(null);
    });
    expect(resources.filter(({ type }) => type === token)).toHaveLength(2);
  });

  test("`get` reads a resource and creates none", async () => {
    const { resources } = await runProgram({}, () => void get(exampleId));
    expect(resources.find(({ name }) => name === "other")).toMatchObject({ id: exampleId });
  });

  test("`get` without an ID is an error that shows one, and creates nothing", async () => {
    const { error, resources } = await runProgram({}, () => void get(""));
    expect(error).toHaveProperty("message", expect.stringContaining(exampleId));
    expect(resources.filter(({ type }) => type === token)).toEqual([]);
  });
});

test("a set refuses the option `id`, because nothing can be read by the ID of a set", async () => {
  const { error } = await runProgram({}, () => {
    new ThreadSet("tenants", { threads: {} }, { id: "threadset_1" });
  });
  expect(error).toHaveProperty("message", expect.stringContaining("`id`"));
});
