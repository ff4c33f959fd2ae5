import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "dashscope-emulator";
import { Provider, Thread } from "pulumi-dashscope";
import { describeEngine, catchFailure, newStack } from "../setup";
import { accounts, declareSupport, ownKey, silent } from "./account";
import { readStateFile, threadIds } from "./record";

describeEngine("an argument that resolves to nothing", () => {
  test("isn't set, whether it's undefined, null or an empty string", async () => {
    const nothing: Record<string, unknown>[] = [
      {
        apiKey: pulumi.output(undefined),
        baseUrl: pulumi.output(null),
        workspace: pulumi.output(undefined),
        requestTimeout: pulumi.output(null),
      },
      { apiKey: null, baseUrl: null, workspace: null, requestTimeout: null },
      { apiKey: "", baseUrl: pulumi.output(""), workspace: pulumi.output(""), region: "" },
    ];
    const stack = await newStack({ env: silent, emulator: accounts }, async () => {
      for (const [at, args] of nothing.entries()) {
        const provider = new Provider(`account-${at}`, args);
        new Thread(`thread-${at}`, {}, { provider });
      }
    });
    await stack.up();
    expect(stack.emulator.threads().map(({ account, workspace }) => [account, workspace])).toEqual(
      nothing.map(() => ["ours", undefined]),
    );
  });

  test("leaves a thread in the configured workspace", async () => {
    const nothing: unknown = null;
    const wrong: Record<string, unknown> = { workspace: null, messages: null, adoptId: null };
    const resolved: Record<string, unknown> = { workspace: pulumi.output(nothing), metadata: undefined };
    const program = (support: Record<string, unknown>, sales: Record<string, unknown>) => async () => {
      new Thread("support", support);
      new Thread("sales", sales);
      Reflect.construct(Thread, ["nothing", nothing]);
    };
    const stack = await newStack(
      { env: silent, config: { "dashscope:workspace": { value: "ws-one" } } },
      program({}, { workspace: "" }),
    );
    await stack.up();
    const ids = threadIds(stack);
    stack.program = program(wrong, resolved);
    expect((await stack.up()).changes).toEqual({ same: 4 });
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual(ids.map(() => "ws-one"));
  });
});

describeEngine("an explicit Provider", () => {
  test("takes no `dashscope:*` of the stack, no workspace of a later source than its key, and its region wins", async () => {
    const stack = await newStack(
      { env: { ...silent, DASHSCOPE_WORKSPACE_ID: "ws-shell" }, emulator: accounts },
      async () => {
        const provider = new Provider("account", { apiKey: ownKey, baseUrl: stack.emulator.url });
        new Thread("support", {}, { provider });
      },
    );
    await stack.configure({
      "dashscope:workspace": { value: "ws-stack" },
      "dashscope:requestTimeout": { value: "soon" },
    });
    await stack.up();
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual([undefined]);

    stack.env["DASHSCOPE_WORKSPACE_ID"] = "";
    stack.program = async () => {
      const provider = new Provider("account", { apiKey: ownKey, region: "ap-southeast-1" });
      new Thread("support", {}, { provider });
    };
    expect((await stack.preview({ diff: true })).output).toContain(
      "https://dashscope-intl.aliyuncs.com/api/v1",
    );
  });

  test("with `inheritConfig` passes the other namespaces on to other dynamic resources, and secrets stay secret", async () => {
    /** Another dynamic resource, which someone else wrote. */
    class Other extends pulumi.CustomResource {
      declare readonly seen: pulumi.Output<string>;

      constructor(name: string, parent: pulumi.Resource) {
        const hooks = `let seen; exports.handler = () => ({
          configure: async ({ config }) => { seen = String(config.get("other:region")); },
          create: async () => ({ id: "other", outs: { seen } }),
        });`;
        super("pulumi-nodejs:dynamic/other:Other", name, { seen: undefined, __provider: hooks }, { parent });
      }
    }
    const regions = new Map<string, string>();
    const stack = await newStack(
      {
        env: silent,
        config: {
          "other:region": { value: "moon" },
          "other:token": { value: "secret-value", secret: true },
          "dashscope:workspace": { value: "ws-stack" },
        },
      },
      async () => {
        const inheriting = new Provider("inheriting", { inheritConfig: true });
        new Thread("support", {}, { provider: inheriting });
        const alone = new Provider("alone");
        for (const [name, provider] of Object.entries({ inheriting, alone })) {
          const component = new pulumi.ComponentResource(
            "test:Component",
            name,
            {},
            { providers: [provider] },
          );
          new Other(name, component).seen.apply((region) => regions.set(name, region));
        }
      },
    );
    await stack.up();
    expect(Object.fromEntries(regions)).toEqual({ inheriting: "moon", alone: "undefined" });
    expect(await readStateFile(stack)).not.toContain("secret-value");
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual([undefined]);
  });
});

describeEngine("a setting or argument that can't be right fails in the preview", () => {
  test("names the closest key for an unknown `dashscope:` key of the stack", async () => {
    const stack = await newStack({ env: silent }, declareSupport());
    await stack.configure({ "dashscope:baseurl": { value: stack.emulator.url } });
    const failure = await catchFailure(stack.preview());
    expect(failure).toContain("[DASHSCOPE_ERR_CONFIGURATION]");
    expect(failure).toContain("dashscope:baseurl");
    expect(failure).toContain("baseUrl");
  });

  test("sends the key to no base URL that a program passes to a thread, and refuses empty content", async () => {
    const other = await startEmulator();
    const undeclared: Record<string, unknown> = { baseUrl: other.url };
    const stack = await newStack({ env: silent }, declareSupport(undeclared));
    expect(await catchFailure(stack.up())).toContain("baseUrl");
    expect([...other.requests(), ...stack.emulator.requests()]).toEqual([]);
    await other.close();

    stack.program = declareSupport({ messages: [{ role: "user", content: "" }] });
    expect(await catchFailure(stack.preview())).toContain("messages[0].content");
  });
});
