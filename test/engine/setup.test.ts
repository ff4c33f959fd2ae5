import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { describeEngine, newStack, OperationFailed } from "./setup";

describeEngine("the ground of the engine tests", () => {
  test("gives a program its environment and its configuration, and nothing of this machine's", async () => {
    process.env["DASHSCOPE_WORKSPACE_ID"] = "the-developer's-own";
    const stack = await newStack(
      { config: { "dashscope:region": { value: "cn-beijing" } }, env: { DASHSCOPE_API_KEY: "" } },
      async () => ({
        region: new pulumi.Config("dashscope").get("region"),
        variables: Object.keys(process.env).filter((name) => name.startsWith("DASHSCOPE_")),
      }),
    );
    expect((await stack.up()).changes).toEqual({ create: 1 });
    expect(await stack.outputs()).toMatchObject({
      region: { value: "cn-beijing" },
      variables: { value: ["DASHSCOPE_HTTP_BASE_URL"] },
    });
    expect(process.env["DASHSCOPE_WORKSPACE_ID"]).toBe("the-developer's-own");
    delete process.env["DASHSCOPE_WORKSPACE_ID"];
  });

  test("makes an asynchronous failure of a program the failure of its operation", async () => {
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
