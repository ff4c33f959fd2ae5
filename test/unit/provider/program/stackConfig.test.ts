import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { assertKnownKeys } from "../../../../provider/src/program/stackConfig";
import { runProgram } from "./runProgram";

test.each([
  ["dashscope:baseurl", "dashscope:baseUrl"],
  ["dashscope:apikey", "dashscope:apiKey"],
  ["dashscope:regions", "dashscope:region"],
])("the unknown key `%s` of the stack configuration is an error that suggests `%s`", async (wrong, right) => {
  const { error } = await runProgram({ [wrong]: "x" }, assertKnownKeys);
  expect(error).toBeInstanceOf(pulumi.RunError);
  expect(error).toHaveProperty("message", expect.stringContaining(`\`${right}\``));
  expect(error).toHaveProperty("message", expect.stringContaining(`\`${wrong}\``));
});

test("known keys and the keys of other packages pass", async () => {
  const config = {
    "dashscope:compatibleBaseUrl": "x",
    "dashscope:silenceDeprecation": "1",
    "other:baseurl": "x",
  };
  expect(await runProgram(config, assertKnownKeys)).not.toHaveProperty("error");
});
