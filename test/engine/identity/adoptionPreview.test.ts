import { expect, test } from "@jest/globals";
import { Provider, Thread } from "pulumi-dashscope";
import { createThread } from "../outsider";
import { describeEngine, failureOf, newStack } from "../setup";
import { accounts, declareSupport, foreignKey, silent } from "./account";

describeEngine("the preview of an adoption", () => {
  test("lists the metadata keys that the adoption removes, after one read", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, async () => {});
    const adoptId = await createThread(stack, { metadata: { env: "dev", owner: "acme", plan: "gold" } });
    stack.emulator.clearRequests();
    stack.program = declareSupport({ adoptId, metadata: { env: "prod" } });
    const { output } = await stack.preview();
    const lines = output.split("\n").filter((line) => line.includes("owner") && line.includes("plan"));
    expect(lines).toHaveLength(1);
    expect(output).not.toContain("acme");
    expect(stack.emulator.requests().map(({ method, path }) => [method, path])).toEqual([
      ["GET", expect.stringContaining(adoptId)],
    ]);
  });

  test("fails for a thread that doesn't exist, or that the Provider's account doesn't have", async () => {
    const stack = await newStack(
      { env: silent, emulator: accounts },
      declareSupport({ adoptId: "thread_of-nobody" }),
    );
    const adoptId = await createThread(stack);
    expect(await failureOf(stack.preview())).toContain("[DASHSCOPE_ERR_ADOPTION]");

    stack.program = async () => {
      const provider = new Provider("account", { apiKey: foreignKey, baseUrl: stack.emulator.url });
      new Thread("support", { adoptId }, { provider });
    };
    expect(await failureOf(stack.preview())).toMatch(/\[DASHSCOPE_ERR_(ADOPTION|ACCOUNT)]/);

    stack.env["DASHSCOPE_API_KEY"] = "";
    stack.program = declareSupport({ adoptId });
    const { output, changes } = await stack.preview();
    expect(changes).toEqual({ create: 2 });
    expect(output).toMatch(new RegExp(`warning: .*${adoptId}`));
  });
});
