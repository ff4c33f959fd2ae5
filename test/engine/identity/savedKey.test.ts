import { expect, test } from "@jest/globals";
import { Provider, Thread } from "pulumi-dashscope";
import { describeEngine, failureOf, newStack } from "../setup";
import { accounts, ownKey, silent } from "./account";
import { threadIds } from "./record";

describeEngine("a saved key that is dead", () => {
  test("is named by an authentication error, and `DASHSCOPE_OVERRIDE_API_KEY` comes before it", async () => {
    const stack = await newStack(
      {
        env: { ...silent, DASHSCOPE_OVERRIDE_API_KEY: ownKey },
        emulator: accounts,
        config: { "dashscope:apiKey": { value: "sk-dead", secret: true } },
      },
      async () => {
        const provider = new Provider("account", { apiKey: "sk-dead", baseUrl: stack.emulator.url });
        new Thread("support");
        new Thread("sales", {}, { provider });
      },
    );
    await stack.up();
    expect(threadIds(stack)).toHaveLength(2);

    stack.env["DASHSCOPE_OVERRIDE_API_KEY"] = "";
    const failure = await failureOf(stack.refresh());
    expect(failure).toContain("[DASHSCOPE_ERR_AUTHENTICATION]");
    expect(failure).toContain("dashscope:apiKey");
    expect(failure).toContain("--run-program");
    expect(failure).toContain("DASHSCOPE_OVERRIDE_API_KEY");
    expect(failure).not.toContain("sk-dead");

    stack.env["DASHSCOPE_OVERRIDE_API_KEY"] = ownKey;
    await stack.destroy();
    expect(threadIds(stack)).toEqual([]);
  });
});
