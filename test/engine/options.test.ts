import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Thread, type ThreadArgs } from "pulumi-dashscope";
import { deleteThread, setMetadata } from "./outsider";
import { describeEngine, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };
const support = "urn:pulumi:test::engine-test::pulumi-nodejs:dynamic/dashscope:Thread::support";

function declare(args?: ThreadArgs, opts?: pulumi.CustomResourceOptions) {
  return async () => {
    new Thread("support", args, opts);
  };
}

describeEngine("the options every resource has", () => {
  test("ignoreChanges keeps one key of the metadata, or the whole map, as it is", async () => {
    const stack = await newStack({ env }, declare({ metadata: { env: "dev", team: "support" } }));
    await stack.up();

    stack.program = declare(
      { metadata: { env: "prod", team: "sales" } },
      { ignoreChanges: ["metadata.env"] },
    );
    await stack.up();
    expect(stack.emulator.threads()).toMatchObject([{ metadata: { env: "dev", team: "sales" } }]);

    stack.program = declare({ metadata: { other: "map" } }, { ignoreChanges: ["metadata"] });
    expect((await stack.up()).changes).toEqual({ same: 2 });

    await setMetadata(stack, { env: "elsewhere" });
    await stack.refresh();
    expect((await stack.up()).changes).toEqual({ same: 2 });
    expect(stack.emulator.threads()).toMatchObject([{ metadata: { env: "elsewhere" } }]);
  });

  test("ignoreChanges of messages keeps the thread and its conversation", async () => {
    const stack = await newStack({ env }, declare({ messages: [{ role: "user", content: "one" }] }));
    await stack.up();
    const [thread] = stack.emulator.threads();
    stack.program = declare(
      { messages: [{ role: "user", content: "two" }], metadata: { env: "prod" } },
      { ignoreChanges: ["messages"] },
    );
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ id: thread?.id, metadata: { env: "prod" } }]);
  });

  test("replaceOnChanges replaces for metadata", async () => {
    const stack = await newStack({ env }, declare({ metadata: { env: "dev" } }));
    await stack.up();
    const [thread] = stack.emulator.threads();
    stack.program = declare({ metadata: { env: "prod" } }, { replaceOnChanges: ["metadata.env"] });
    expect((await stack.up()).changes).toEqual({ replace: 1, same: 1 });
    expect(stack.emulator.threads()).toHaveLength(1);
    expect(stack.emulator.threads()[0]?.id).not.toBe(thread?.id);
  });

  test("protect refuses to delete or replace the thread", async () => {
    const stack = await newStack(
      { env },
      declare({ messages: [{ role: "user", content: "one" }] }, { protect: true }),
    );
    await stack.up();
    expect(await catchFailure(stack.destroy())).toContain("protected");
    stack.program = declare({ messages: [{ role: "user", content: "two" }] }, { protect: true });
    expect(await catchFailure(stack.preview())).toContain("marked for protection");
    expect(stack.emulator.threads()).toHaveLength(1);
  });

  test("retainOnDelete and deletedWith leave the thread to others", async () => {
    const stack = await newStack({ env }, async () => {
      const parent = new Thread("parent");
      new Thread("kept", {}, { retainOnDelete: true });
      new Thread("gone-with-it", {}, { deletedWith: parent });
    });
    await stack.up();
    await stack.destroy();
    expect(stack.emulator.requests().filter(({ method }) => method === "DELETE")).toHaveLength(1);
    expect(stack.emulator.threads()).toHaveLength(2);
  });

  test("aliases let a thread be renamed and moved under a component", async () => {
    const stack = await newStack({ env }, declare({ metadata: { env: "dev" } }));
    await stack.up();
    stack.program = async () => {
      new Thread("helpdesk", { metadata: { env: "dev" } }, { aliases: [{ name: "support" }] });
    };
    expect((await stack.up()).changes).toEqual({ same: 2 });
    stack.program = async () => {
      const parent = new pulumi.ComponentResource("test:Desk", "desk");
      new Thread(
        "helpdesk",
        { metadata: { env: "dev" } },
        { parent, aliases: [{ parent: pulumi.rootStackResource }] },
      );
    };
    expect((await stack.up()).changes).toEqual({ same: 2, create: 1 });
    expect(stack.emulator.threads()).toHaveLength(1);
  });

  test("additionalSecretOutputs encrypts an output", async () => {
    const stack = await newStack(
      { env },
      declare({ metadata: { pin: "4711" } }, { additionalSecretOutputs: ["createdAt"] }),
    );
    await stack.up();
    const state = await readFile(join(stack.folder, ".pulumi/stacks/engine-test/test.json"), "utf8");
    expect(state).not.toContain(String(stack.emulator.threads()[0]?.createdAt));
  });

  test("dependsOn orders, transforms change arguments, and customTimeouts do not reach a dynamic provider", async () => {
    const stack = await newStack({ env, emulator: { latency: 1500 } }, async () => {
      const first = new Thread("first", { metadata: { at: "1" } }, { customTimeouts: { create: "1s" } });
      new Thread(
        "second",
        { metadata: { at: "2" } },
        {
          dependsOn: first,
          transforms: [({ props, opts }) => ({ props: { ...props, metadata: { at: "changed" } }, opts })],
        },
      );
    });
    await stack.up();
    expect(stack.emulator.requests().map(({ body }) => body)).toEqual([
      { metadata: { at: "1" } },
      { metadata: { at: "changed" } },
    ]);
  });
});

describeEngine("the options every operation has", () => {
  test("target, refresh and a plan do what they do for any resource", async () => {
    const both = (value: string) => async () => {
      new Thread("support", { metadata: { env: value } });
      new Thread("sales", { metadata: { env: value } });
    };
    const stack = await newStack({ env }, both("dev"));
    await stack.up();
    stack.program = both("prod");
    expect((await stack.up({ target: [support] })).changes).toEqual({ update: 1, same: 2 });
    const values = () => stack.emulator.threads().map(({ metadata }) => metadata["env"]);
    expect(values().sort()).toEqual(["dev", "prod"]);

    const plan = join(stack.folder, "plan.json");
    await stack.preview({ plan });
    await stack.up({ plan });
    expect(values()).toEqual(["prod", "prod"]);

    await deleteThread(stack);
    expect((await stack.up({ refresh: true })).changes).toMatchObject({ create: 1 });
    expect(values()).toEqual(["prod", "prod"]);
  });

  test("continueOnError makes what can be made, and the next up makes the rest", async () => {
    const stack = await newStack({ env }, async () => {
      for (const name of ["a", "b", "c"]) new Thread(name);
    });
    stack.emulator.setFaults([
      { kind: "error", status: 400, code: "DataInspectionFailed", message: "No.", verb: "create", times: 1 },
    ]);
    expect(await catchFailure(stack.up({ continueOnError: true }))).toContain("DataInspectionFailed");
    expect(stack.emulator.threads()).toHaveLength(2);
    await stack.up();
    expect(stack.emulator.threads()).toHaveLength(3);
  });
});
