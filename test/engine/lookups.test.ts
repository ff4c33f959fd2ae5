import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-dashscope";
import { listThreadIds } from "./observer";
import { apiKey, createThread } from "./outsider";
import { catchFailure, describeEngine, describeFrontEnds, newStack } from "./setup";

const missing = "thread_missing";

describeFrontEnds("a lookup", ({ getThread, getThreadOutput, Provider, Thread }) => {
  test("lookups use the account and the workspace that they're given, and `destroy` leaves the thread alone", async () => {
    const stack = await newStack({ env: { DASHSCOPE_API_KEY: "sk-unknown" } }, async () => {});
    const id = await createThread(stack, { metadata: { env: "dev" } }, "ws-one");
    stack.program = async () => {
      const provider = new Provider("one", { apiKey, workspace: "ws-one" });
      const other = new Provider("two", { apiKey });
      const group = new pulumi.ComponentResource("test:Group", "group", {}, { providers: [provider] });
      const thread = Thread.get("support", id, {}, { provider });
      return {
        got: {
          id: thread.id,
          metadata: thread.metadata,
          createdAt: thread.createdAt,
          baseUrl: thread.baseUrl,
        },
        named: Thread.get("sales", id, { workspace: "ws-one" }, { provider: other }).workspace,
        found: (await getThread({ id }, { provider })).metadata,
        inherited: (await getThread({ id }, { parent: group })).workspace,
        output: getThreadOutput({ id: pulumi.output(id), workspace: "ws-one" }, { provider: other }).metadata,
      };
    };
    await stack.up();
    const metadata = { env: "dev" };
    const { createdAt } = stack.emulator.threads()[0] ?? {};
    expect(await stack.readOutputs()).toEqual({
      got: { id, metadata, createdAt, baseUrl: stack.emulator.url },
      named: "ws-one",
      found: metadata,
      inherited: "ws-one",
      output: metadata,
    });
    await stack.refresh();
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([id]);
  });

  test("a lookup that fails ends the program with one sentence and no stack trace", async () => {
    const stack = await newStack({}, async () => {
      Thread.get("support", missing);
    });
    expect(await catchFailure(stack.preview())).toMatch(/thread_missing.*\[DASHSCOPE_ERR_MISSING]/);
    stack.program = async () => {
      await getThread({ id: missing });
    };
    const failure = await catchFailure(stack.preview());
    expect(failure).toMatch(/thread_missing.*\[DASHSCOPE_ERR_MISSING]/);
    expect(failure).not.toMatch(/^\s+at /m);
  });

  test("`getThreadOutput` waits for an unknown ID and for the resources that it depends on", async () => {
    const stack = await newStack({}, async () => {});
    const adoptId = await createThread(stack, { metadata: { env: "dev" } });
    stack.program = async () => {
      const created = new Thread("created", { metadata: { env: "dev" } });
      const writer = new Thread("writer", { adoptId, metadata: { env: "prod" } });
      return {
        created: getThreadOutput({ id: created.id }).metadata,
        written: getThreadOutput({ id: adoptId }, { dependsOn: writer }).metadata,
      };
    };
    expect((await stack.preview()).output.match(/(created|written): \[unknown\]/g)).toHaveLength(2);
    await stack.up();
    expect(await stack.readOutputs()).toEqual({ created: { env: "dev" }, written: { env: "prod" } });
  });

  test("`getThread` fails if an argument of its Provider is unknown in the preview, and `getThreadOutput` waits", async () => {
    const declare =
      (lookUp: (id: string, provider: InstanceType<typeof Provider>) => unknown) => async () => {
        const provider = new Provider("late", { apiKey: new Thread("support").id });
        return { found: await lookUp("thread_1", provider) };
      };
    const stack = await newStack(
      {},
      declare((id, provider) => getThread({ id }, { provider })),
    );
    expect(await catchFailure(stack.preview())).toMatch(/Provider.*preview.*Output/);
    stack.program = declare((id, provider) => getThreadOutput({ id }, { provider }));
    expect((await stack.preview()).output).toContain("found: [unknown]");
  });
});

describeEngine("a lookup", () => {
  const { getThread, Provider } = dynamic;
  test("`getThread` returns the thread in a preview, and its error carries code, status and request ID", async () => {
    const stack = await newStack({}, async () => {});
    const id = await createThread(stack, { metadata: { env: "dev" } });
    const results: unknown[] = [];
    stack.program = async () => {
      const provider = new Provider("account", { apiKey: "sk-dead", baseUrl: stack.emulator.url });
      results.push(await getThread({ id }));
      results.push(await getThread({ id: missing }).catch((error: unknown) => error));
      results.push(await getThread({ id }, { provider }).catch((error: unknown) => error));
    };
    await stack.preview();
    const [thread] = stack.emulator.threads();
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(results).toEqual([
      { id, createdAt: thread?.createdAt, metadata: { env: "dev" }, baseUrl: stack.emulator.url },
      expect.objectContaining({ code: "DASHSCOPE_ERR_MISSING", status: 400, requestId }),
      expect.objectContaining({ code: "DASHSCOPE_ERR_AUTHENTICATION", status: 401, requestId }),
    ]);
  });
});
