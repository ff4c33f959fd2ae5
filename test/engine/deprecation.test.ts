import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { describeEngine, newStack } from "./setup";

const notice = "has deprecated the Assistant API";

describeEngine("the deprecation notice", () => {
  test("is given once a program run, and is silenced by the stack's configuration or the environment", async () => {
    const stack = await newStack({}, async () => {
      for (const name of ["a", "b", "c"]) new Thread(name);
    });
    for (const output of [(await stack.preview()).output, (await stack.preview()).output]) {
      const [, ...diagnostics] = output.split("Diagnostics:");
      expect(diagnostics.join("").split(notice)).toHaveLength(2);
    }

    stack.env["DASHSCOPE_SILENCE_DEPRECATION"] = "true";
    expect((await stack.preview()).output).not.toContain(notice);
    stack.env["DASHSCOPE_SILENCE_DEPRECATION"] = "";
    await stack.configure({ "dashscope:silenceDeprecation": { value: "true" } });
    expect((await stack.preview()).output).not.toContain(notice);
  });
});
