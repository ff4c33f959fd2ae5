import { expect, test } from "@jest/globals";
import { startEmulator } from "dashscope-emulator";
import { Thread } from "pulumi-dashscope";
import { describeEngine, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

describeEngine("a key", () => {
  test("a key that belongs to a new endpoint isn't sent to the old one", async () => {
    const next = await startEmulator({ apiKeys: ["sk-next"] });
    try {
      const stack = await newStack({ env }, async () => {
        new Thread("support", { metadata: { env: "dev" } });
      });
      await stack.up();
      stack.emulator.clearRequests();
      await stack.configure({
        "dashscope:baseUrl": { value: next.url },
        "dashscope:apiKey": { value: "sk-next", secret: true },
      });
      expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
      expect(stack.emulator.requests()).toEqual([]);
      expect(stack.emulator.threads()).toHaveLength(1);
    } finally {
      await next.close();
    }
  });

  test("`Thread.get` with an empty ID fails the preview and sends nothing", async () => {
    const stack = await newStack({ env }, async () => {
      Thread.get("support", "");
    });
    expect(await catchFailure(stack.preview())).toContain('The ID of the Thread "support" isn\'t set');
    expect(stack.emulator.requests()).toEqual([]);
  });
});
