import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { describeEngine, newStack, OperationFailed } from "./setup";

describeEngine("the set-up of the engine tests", () => {
  test("a program gets the environment and the configuration of its stack, and nothing of this machine", async () => {
    process.env["DASHSCOPE_WORKSPACE_ID"] = "the-developer's-own";
    const stack = await newStack(
      { config: { "dashscope:region": { value: "cn-beijing" } }, env: { DASHSCOPE_API_KEY: "" } },
      async () => ({
        region: new pulumi.Config("dashscope").get("region"),
        variables: Object.keys(process.env).filter((name) => name.startsWith("DASHSCOPE_")),
      }),
    );
    expect((await stack.up()).changes).toEqual({ create: 1 });
    expect(await stack.readOutputs()).toEqual({
      region: "cn-beijing",
      variables: ["DASHSCOPE_HTTP_BASE_URL", "DASHSCOPE_SILENCE_DEPRECATION"],
    });
    expect(process.env["DASHSCOPE_WORKSPACE_ID"]).toBe("the-developer's-own");
    delete process.env["DASHSCOPE_WORKSPACE_ID"];
  });

  test("an asynchronous failure of a program fails its operation", async () => {
    const stack = await newStack({}, async () => {
      pulumi.output(1).apply(() => {
        throw new Error("later");
      });
    });
    const failure = await stack.up().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperationFailed);
    expect(String(failure)).toContain("later");
  });
});
