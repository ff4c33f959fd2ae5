import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ThreadSet } from "../../../../provider/src/threadSet/resource";
import { runProgram } from "../program/runProgram";

beforeAll(() => {
  process.env["DASHSCOPE_SILENCE_DEPRECATION"] = "1";
  process.env["DASHSCOPE_JOURNAL"] = "off";
});
afterAll(() => {
  delete process.env["DASHSCOPE_SILENCE_DEPRECATION"];
  delete process.env["DASHSCOPE_JOURNAL"];
});

test("a set is registered under its permanent type, with the text that loads its hooks", async () => {
  const threads = { acme: { metadata: { plan: "gold" } } };
  const { resources } = await runProgram({}, () => {
    new ThreadSet("tenants", { threads });
  });
  expect(resources.find(({ name }) => name === "tenants")).toMatchObject({
    type: "pulumi-nodejs:dynamic/dashscope:ThreadSet",
    inputs: { threads, __provider: 'exports.handler = () => require("pulumi-dashscope/hooks/threadSet");' },
  });
});

test("`isInstance` and `__pulumiType` of a set work as in a generated SDK", async () => {
  await runProgram({}, () => {
    expect(ThreadSet.isInstance(new ThreadSet("tenants", { threads: {} }))).toBe(true);
  });
  expect(ThreadSet.isInstance(null)).toBe(false);
  expect(ThreadSet.isInstance({ __pulumiType: "other" })).toBe(false);
  expect(ThreadSet.isInstance({ __pulumiType: ThreadSet.__pulumiType })).toBe(true);
  expect(ThreadSet.__pulumiType).toBe("pulumi-nodejs:dynamic/dashscope:ThreadSet");
});

test.each(["import", "id"] as const)("a set refuses the option `%s`", async (option) => {
  await runProgram({}, () => {
    expect(() => new ThreadSet("tenants", { threads: {} }, { [option]: "threadset_1" })).toThrow(
      'The ThreadSet "tenants" can\'t have the option `import` or `id`',
    );
  });
});
