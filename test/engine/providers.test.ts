import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "dashscope-emulator";
import * as dynamic from "pulumi-dashscope";
import { accounts, ownKey, rotatedKey } from "./accountKeys";
import { declareSupport, failIfRun } from "./declarations";
import { listThreadIds } from "./observer";
import { Other } from "./otherResource";
import { catchFailure, describeEngine, describeFrontEnds, newStack } from "./setup";

describeFrontEnds("a Provider", ({ Provider, Thread }) => {
  test("each account has its own key and workspace, also for the children of a component", async () => {
    const emulator = { apiKeys: [ownKey, "sk-account-one", "sk-account-two"] };
    const stack = await newStack({ emulator }, async () => {
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
    const workspaces = stack.emulator.threads().map(({ workspace, metadata }) => [metadata["of"], workspace]);
    expect(Object.fromEntries(workspaces)).toEqual({ default: undefined, one: "ws-one", two: "ws-two" });
    await stack.refresh({ expectNoChanges: true });
    expect(await stack.readState()).not.toContain("sk-account");
    stack.program = failIfRun;
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
  });

  test("an explicit Provider ignores the stack's configuration and later sources, and its key can be rotated", async () => {
    const declare = (apiKey: string) => async () => {
      const provider = new Provider("account", { apiKey, baseUrl: stack.emulator.url });
      new Thread("support", { metadata: { env: "dev" } }, { provider });
    };
    const stack = await newStack(
      {
        env: { DASHSCOPE_WORKSPACE_ID: "ws-shell" },
        emulator: accounts,
        config: {
          "dashscope:workspace": { value: "ws-stack" },
          "dashscope:requestTimeout": { value: "soon" },
        },
      },
      async () => {},
    );
    stack.program = declare(ownKey);
    await stack.up();
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual([undefined]);
    stack.program = declare(rotatedKey);
    expect((await stack.up()).changes).toEqual({ same: 2, update: 1 });
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
  });

  test("a Provider accepts outputs that a preview doesn't know", async () => {
    const stack = await newStack({}, async () => {
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

  test("an argument that's undefined, null or empty isn't set, for a Provider and for a thread", async () => {
    const nothing: unknown = null;
    const providerArgs: Record<string, unknown>[] = [
      { apiKey: pulumi.output(undefined), baseUrl: pulumi.output(null), requestTimeout: pulumi.output(null) },
      { apiKey: null, baseUrl: null, workspace: null, requestTimeout: null },
      { apiKey: "", baseUrl: pulumi.output(""), workspace: pulumi.output(""), region: "" },
    ];
    const declare = (support: Record<string, unknown>, sales: Record<string, unknown>) => async () => {
      for (const [at, args] of providerArgs.entries()) {
        new Thread(`thread-${at}`, {}, { provider: new Provider(`account-${at}`, args) });
      }
      new Thread("support", support);
      new Thread("sales", sales);
      Reflect.construct(Thread, ["nothing", nothing]);
    };
    const stack = await newStack(
      { config: { "dashscope:workspace": { value: "ws-one" } } },
      declare({}, { workspace: "" }),
    );
    await stack.up();
    const workspaces = stack.emulator.threads().map(({ workspace }) => workspace);
    expect(workspaces.sort()).toEqual([...Array(3).fill("ws-one"), ...Array(3).fill(undefined)]);
    stack.program = declare(
      { workspace: null, messages: null, adoptId: null },
      { workspace: pulumi.output(nothing), metadata: undefined },
    );
    expect((await stack.up()).changes).toEqual({ same: 10 });
  });

  test("a preview refuses an unknown argument, an unknown key of the stack, and a thread's own base URL", async () => {
    const misspelt: Record<string, unknown> = { apikey: "sk-1" };
    const declare = (args: Record<string, unknown>) => async () => {
      new Thread("support", {}, { provider: new Provider("account", args) });
    };
    const stack = await newStack({}, declare(misspelt));
    const other = await startEmulator();
    const failures = [await catchFailure(stack.preview())];
    const undeclared: Record<string, unknown> = { baseUrl: other.url };
    stack.program = declareSupport(Thread, undeclared);
    failures.push(await catchFailure(stack.preview()));
    stack.program = declareSupport(Thread);
    await stack.configure({ "dashscope:baseurl": { value: stack.emulator.url } });
    failures.push(await catchFailure(stack.preview()));
    for (const [at, name] of ["`apikey`", "`baseUrl`", "dashscope:baseurl"].entries()) {
      expect(failures[at]).toContain(name);
      expect(failures[at]).toContain("[DASHSCOPE_ERR_CONFIGURATION]");
      expect(failures[at]).not.toMatch(/^\s+at /m);
    }
    expect([...other.requests(), ...stack.emulator.requests()]).toEqual([]);
    await other.close();
  });
});

describeEngine("a Provider", () => {
  const { Provider, Thread } = dynamic;
  test("`inheritConfig` passes other namespaces on to other dynamic resources, and secrets stay secret", async () => {
    const stack = await newStack(
      {
        config: {
          "other:region": { value: "moon" },
          "other:token": { value: "secret-value", secret: true },
          "dashscope:workspace": { value: "ws-stack" },
        },
      },
      async () => {
        const accounts = {
          inheriting: new Provider("inheriting", { inheritConfig: true }),
          alone: new Provider("alone"),
        };
        new Thread("support", {}, { provider: accounts.inheriting });
        return Object.fromEntries(
          Object.entries(accounts).map(([name, provider]) => {
            const group = new pulumi.ComponentResource("test:Group", name, {}, { providers: [provider] });
            return [name, new Other(name, group).seen];
          }),
        );
      },
    );
    await stack.up();
    expect(await stack.readOutputs()).toEqual({ inheriting: "moon", alone: "undefined" });
    expect(await stack.readState()).not.toContain("secret-value");
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual([undefined]);
  });
});
