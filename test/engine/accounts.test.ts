import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Provider, type ProviderArgs, Thread } from "pulumi-dashscope";
import { describeEngine, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };
const emulator = { apiKeys: ["sk-engine-test", "sk-account-one", "sk-account-two", "sk-rotated"] };

describeEngine("several accounts", () => {
  test("stand side by side with the default one, each with its own key and workspace", async () => {
    const stack = await newStack({ env, emulator }, async () => {
      const one = new Provider("one", { apiKey: "sk-account-one", workspace: "ws-one" });
      const two = new Provider("two", {
        apiKey: pulumi.secret("sk-account-two"),
        workspace: pulumi.output("ws-two"),
      });
      new Thread("default", { metadata: { of: "default" } });
      new Thread("one", { metadata: { of: "one" } }, { provider: one });
      const group = new pulumi.ComponentResource("test:Group", "group", {}, { providers: [two] });
      new Thread("two", { metadata: { of: "two" } }, { parent: group });
    });
    await stack.up();
    const places = stack.emulator.threads().map(({ workspace, metadata }) => [metadata["of"], workspace]);
    expect(places.sort()).toEqual([
      ["default", undefined],
      ["one", "ws-one"],
      ["two", "ws-two"],
    ]);
    await stack.refresh({ expectNoChanges: true });
    const state = await readFile(join(stack.folder, ".pulumi/stacks/engine-test/test.json"), "utf8");
    expect(state).not.toContain("sk-account");

    stack.program = async () => {
      throw new Error("destroy must not run the program");
    };
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("take nothing that they leave out from the stack's configuration, and work with a rotated key", async () => {
    const program = (key: string) => async () => {
      const provider = new Provider("account", { apiKey: key });
      new Thread("support", { metadata: { env: "dev" } }, { provider });
    };
    const stack = await newStack(
      { env, emulator, config: { "dashscope:workspace": { value: "ws-stack" } } },
      program("sk-account-one"),
    );
    await stack.up();
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual([undefined]);

    stack.program = program("sk-rotated");
    expect((await stack.up()).changes).toEqual({ same: 2, update: 1 });
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("refuse a wrong argument by its name, in the preview", async () => {
    const wrong: Record<string, unknown> = { apikey: "sk-1" };
    const declare = (args: ProviderArgs) => async () => {
      const provider = new Provider("account", args);
      new Thread("support", {}, { provider });
    };
    const stack = await newStack({ env }, declare(wrong));
    const misspelt = await catchFailure(stack.preview());
    expect(misspelt).toMatch(/`apikey`.*"account".*apiKey/);
    expect(misspelt).not.toMatch(/^\s+at /m);

    stack.program = declare({ requestTimeout: -1 });
    expect(await catchFailure(stack.preview())).toMatch(/Provider's `requestTimeout`.*seconds above 0/);
    stack.program = declare({ baseUrl: "http://example.com/api/v1" });
    expect(await catchFailure(stack.preview())).toMatch(/Provider's `baseUrl`.*https:/);
  });

  test("may be made of outputs that a preview does not know", async () => {
    const stack = await newStack({ env, emulator }, async () => {
      const other = new Thread("other");
      const provider = new Provider("account", { workspace: other.id.apply((id) => id.slice(0, 20)) });
      new Thread("support", { metadata: { env: "dev" } }, { provider });
    });
    await stack.preview();
    await stack.up();
    const [other] = stack.emulator.threads().filter(({ workspace }) => workspace === undefined);
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toContain(other?.id.slice(0, 20));
    await stack.refresh({ expectNoChanges: true });
  });
});
