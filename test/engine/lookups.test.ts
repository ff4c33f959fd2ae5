import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { getThread, getThreadOutput, Provider, Thread } from "pulumi-dashscope";
import { apiKey, createThread } from "./outsider";
import { describeEngine, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

describeEngine("looking a thread up", () => {
  test("Thread.get reads a thread that is managed elsewhere, and destroy leaves it alone", async () => {
    const stack = await newStack({ env }, async () => {});
    const id = await createThread(stack, { metadata: { env: "dev" } });
    stack.program = async () => {
      const thread = Thread.get("support", id);
      return {
        id: thread.id,
        metadata: thread.metadata,
        createdAt: thread.createdAt,
        baseUrl: thread.baseUrl,
      };
    };
    await stack.up();
    const [thread] = stack.emulator.threads();
    expect(await stack.outputs()).toMatchObject({
      id: { value: id },
      metadata: { value: { env: "dev" } },
      createdAt: { value: thread?.createdAt },
      baseUrl: { value: stack.emulator.url },
    });
    await stack.up();
    await stack.refresh();
    await stack.destroy();
    expect(stack.emulator.threads()).toMatchObject([{ id }]);
  });

  test("Thread.get fails for a thread that does not exist", async () => {
    const stack = await newStack({ env }, async () => {
      Thread.get("support", "thread_of-nobody");
    });
    expect(await catchFailure(stack.up())).toMatch(/thread_of-nobody.*\[DASHSCOPE_ERR_MISSING]/);
  });

  test("Thread.get and getThread go to the workspace and the account they are given", async () => {
    const stack = await newStack({ env: { ...env, DASHSCOPE_API_KEY: "sk-of-nobody" } }, async () => {});
    const id = await createThread(stack, { metadata: { env: "dev" } }, "ws-one");
    stack.program = async () => {
      const provider = new Provider("one", { apiKey, workspace: "ws-one" });
      const elsewhere = new Provider("two", { apiKey });
      const inherited = new pulumi.ComponentResource(
        "test:Component",
        "component",
        {},
        { providers: [provider] },
      );
      return {
        got: Thread.get("a", id, {}, { provider }).metadata,
        named: Thread.get("b", id, { workspace: "ws-one" }, { provider: elsewhere }).workspace,
        looked: (await getThread({ id }, { provider })).metadata,
        inherited: (await getThread({ id }, { parent: inherited })).workspace,
        output: getThreadOutput({ id: pulumi.output(id), workspace: "ws-one" }, { provider: elsewhere })
          .metadata,
      };
    };
    await stack.up();
    expect(await stack.outputs()).toMatchObject({
      got: { value: { env: "dev" } },
      named: { value: "ws-one" },
      looked: { value: { env: "dev" } },
      inherited: { value: "ws-one" },
      output: { value: { env: "dev" }, secret: false },
    });
  });

  test("getThread answers in a preview, and its refusal can be caught", async () => {
    const stack = await newStack({ env }, async () => {});
    const id = await createThread(stack, { metadata: { env: "dev" } });
    const answers: unknown[] = [];
    stack.program = async () => {
      answers.push(await getThread({ id }));
      answers.push(await getThread({ id: "thread_of-nobody" }).catch((error: Error) => error.message));
    };
    await stack.preview();
    const [thread] = stack.emulator.threads();
    expect(answers).toEqual([
      { id, createdAt: thread?.createdAt, metadata: { env: "dev" }, baseUrl: stack.emulator.url },
      expect.stringContaining("There is no thread thread_of-nobody at"),
    ]);
  });

  test("getThread fails in a preview in which an argument of its Provider is unknown, and getThreadOutput waits", async () => {
    const asking = (ask: (id: string, provider: Provider) => unknown) => async () => {
      const support = new Thread("support");
      const provider = new Provider("late", { apiKey: support.id });
      return { found: await ask("thread_1", provider) };
    };
    const stack = await newStack(
      { env },
      asking((id, provider) => getThread({ id }, { provider })),
    );
    expect(await catchFailure(stack.preview())).toMatch(/Provider.*preview.*Output/);
    stack.program = asking((id, provider) => getThreadOutput({ id }, { provider }));
    expect((await stack.preview()).output).toContain("found: [unknown]");
  });

  test("getThread fails the program with the resource's sentences and no stack trace", async () => {
    const stack = await newStack({ env: { ...env, DASHSCOPE_API_KEY: "sk-of-nobody" } }, async () => {
      await getThread({ id: "thread_1" });
    });
    const failure = await catchFailure(stack.preview());
    expect(failure).toContain("Could not read thread thread_1");
    expect(failure).toContain("HTTP 401 InvalidApiKey");
    expect(failure).not.toMatch(/^\s+at /m);
  });

  test("getThreadOutput of an unknown id is unknown in the preview, and known after the update", async () => {
    const stack = await newStack({ env }, async () => {
      const thread = new Thread("support", { metadata: { env: "dev" } });
      return { env: getThreadOutput({ id: thread.id }).apply(({ metadata }) => metadata["env"]) };
    });
    expect((await stack.preview()).output).toContain("env: [unknown]");
    await stack.up();
    expect(await stack.outputs()).toMatchObject({ env: { value: "dev" } });
  });

  test("getThreadOutput waits for the resources that it depends on", async () => {
    const stack = await newStack({ env }, async () => {});
    const id = await createThread(stack, { metadata: { env: "dev" } });
    stack.program = async () => {
      const writer = new Thread("writer", { adoptId: id, metadata: { env: "prod" } });
      return { env: getThreadOutput({ id }, { dependsOn: writer }).metadata.apply(({ env }) => env) };
    };
    expect((await stack.preview()).output).toContain("env: [unknown]");
    await stack.up();
    expect(await stack.outputs()).toMatchObject({ env: { value: "prod" } });
  });
});
