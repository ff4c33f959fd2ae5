import { expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { Thread, type ThreadArgs } from "pulumi-dashscope";
import { createThread } from "./outsider";
import { describeEngine, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

function declare(args: ThreadArgs, opts?: pulumi.CustomResourceOptions): pulumi.automation.PulumiFn {
  return async () => ({ threadId: new Thread("support", args, opts).id });
}

describeEngine("adoptId", () => {
  test("takes an existing thread under management, brings its metadata in line and is stable", async () => {
    const stack = await newStack({ env }, async () => {});
    const adoptId = await createThread(stack, { metadata: { env: "dev", old: "1" } });

    stack.program = declare({ adoptId, metadata: { env: "prod" } });
    expect((await stack.up()).changes).toEqual({ create: 2 });
    expect(stack.emulator.threads()).toMatchObject([{ id: adoptId, metadata: { env: "prod" } }]);
    expect((await stack.outputs())["threadId"]?.value).toBe(adoptId);

    expect((await stack.up()).changes).toEqual({ same: 2 });
    await stack.refresh({ expectNoChanges: true });
    expect((await stack.up()).changes).toEqual({ same: 2 });

    stack.program = declare({ metadata: { env: "prod" } });
    expect((await stack.up()).changes).toEqual({ same: 2 });

    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("leaves the metadata alone when none is declared, and lets go with retainOnDelete", async () => {
    const stack = await newStack({ env }, async () => {});
    const adoptId = await createThread(stack, { metadata: { env: "dev" } });
    stack.program = declare({ adoptId }, { retainOnDelete: true });
    await stack.up();
    expect(
      new Set(
        stack.emulator
          .requests()
          .slice(1)
          .map(({ method }) => method),
      ),
    ).toEqual(new Set(["GET"]));
    await stack.destroy();
    expect(stack.emulator.threads()).toMatchObject([{ id: adoptId, metadata: { env: "dev" } }]);
  });

  test("refuses a thread that does not exist, by name, and creates none", async () => {
    const stack = await newStack({ env }, declare({ adoptId: "thread_of-nobody" }));
    const failure = await catchFailure(stack.up());
    expect(failure).toContain("`adoptId` names thread_of-nobody");
    expect(failure).toContain("[DASHSCOPE_ERR_ADOPTION]");
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("refuses messages beside it in the preview", async () => {
    const messages = [{ role: "user" as const, content: "Hello" }];
    const stack = await newStack({ env }, declare({ adoptId: "thread_1", messages }));
    expect(await catchFailure(stack.preview())).toMatch(
      /`adoptId` and `messages`.*\[DASHSCOPE_ERR_CONFIGURATION]/,
    );
  });

  test("replaces when it names another thread, and added to a thread that is managed already it changes nothing", async () => {
    const stack = await newStack({ env }, async () => {});
    const first = await createThread(stack);
    const second = await createThread(stack);
    stack.program = declare({ adoptId: first });
    await stack.up();

    stack.program = declare({ adoptId: second });
    const preview = await stack.preview({ diff: true });
    expect(preview.changes).toEqual({ replace: 1, same: 1 });
    await stack.up();
    expect(stack.emulator.threads()).toMatchObject([{ id: second }]);

    stack.program = declare({});
    await stack.up();
    stack.program = declare({ adoptId: second });
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });

  test("refuses two resources that adopt one thread in the same update", async () => {
    const stack = await newStack({ env }, async () => {});
    const adoptId = await createThread(stack);
    stack.program = async () => {
      new Thread("one", { adoptId });
      new Thread("two", { adoptId });
    };
    expect(await catchFailure(stack.up())).toMatch(new RegExp(`${adoptId}.*\\[DASHSCOPE_ERR_ADOPTION]`));
    expect(stack.emulator.threads()).toMatchObject([{ id: adoptId }]);
  });

  test("does not lose the thread when its resource is replaced by one that adopts the same", async () => {
    const stack = await newStack({ env }, async () => {});
    const adoptId = await createThread(stack, { metadata: { env: "dev" } });
    stack.program = declare({ adoptId, metadata: { env: "dev" } }, { replaceOnChanges: ["metadata"] });
    await stack.up();
    stack.program = declare({ adoptId, metadata: { env: "prod" } }, { replaceOnChanges: ["metadata"] });
    expect((await stack.up()).changes).toEqual({ replace: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ id: adoptId, metadata: { env: "prod" } }]);
    await stack.refresh({ expectNoChanges: true });
  });
});
