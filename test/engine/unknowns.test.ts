import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Thread, type ThreadArgs } from "pulumi-dashscope";
import { describeEngine, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

/** Each argument, or a part of it, made of the id of a thread that does not exist before the update. */
const unknowns: Record<string, (id: pulumi.Output<string>) => ThreadArgs> = {
  metadata: (id) => ({ metadata: id.apply((of) => ({ of })) }),
  "a value of the metadata": (id) => ({ metadata: { env: "dev", of: id } }),
  messages: (id) => ({ messages: id.apply((of) => [{ role: "user" as const, content: of }]) }),
  "a message": (id) => ({ messages: [id.apply((of) => ({ role: "user" as const, content: of }))] }),
  "the text of a message": (id) => ({ messages: [{ role: "user", content: id }] }),
  "the role of a message": (id) => ({
    messages: [{ role: id.apply(() => "user" as const), content: "Hello" }],
  }),
  "the files of a message": (id) => ({ messages: [{ role: "user", content: "Hello", fileIds: [id] }] }),
  "the metadata of a message": (id) => ({
    messages: [{ role: "user", content: "Hello", metadata: { of: id } }],
  }),
  workspace: (id) => ({ workspace: id.apply((of) => of.slice(0, 20)) }),
};

function program(secret: boolean) {
  return async () => {
    const first = new Thread("first");
    const id = secret ? pulumi.secret(first.id) : first.id;
    for (const [name, args] of Object.entries(unknowns)) new Thread(name, args(id));
  };
}

describeEngine("an argument that is not known yet", () => {
  test.each([false, true])("may stand at any depth of any argument (secret: %j)", async (secret) => {
    const stack = await newStack({ env }, program(secret));
    const count = Object.keys(unknowns).length + 2;
    expect((await stack.preview()).changes).toEqual({ create: count });
    expect((await stack.up()).changes).toEqual({ create: count });
    await stack.refresh({ expectNoChanges: true });
    expect((await stack.up()).changes).toEqual({ same: count });
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("is shown as an update where it would be one, and as a replacement where it would be one", async () => {
    const declare = (which: string) => async () => {
      const source = new Thread("source", { messages: [{ role: "user", content: which }] });
      new Thread("labelled", { metadata: { of: source.id } });
      new Thread("greeted", { messages: [{ role: "user", content: source.id }] });
    };
    const stack = await newStack({ env }, declare("one"));
    await stack.up();
    stack.program = declare("two");
    const preview = await stack.preview({ diff: true });
    expect(preview.changes).toEqual({ replace: 2, update: 1, same: 1 });
    expect((await stack.up()).changes).toEqual({ replace: 2, update: 1, same: 1 });
  });

  test("in a region whose address begins with the workspace leaves the address unknown, too", async () => {
    const stack = await newStack(
      {
        env: {
          ...env,
          DASHSCOPE_HTTP_BASE_URL: "",
          DASHSCOPE_API_REGION: "us-east-1",
          DASHSCOPE_WORKSPACE_ID: "ws",
        },
      },
      async () => {
        const source = new Thread("source");
        new Thread("support", { workspace: source.id });
      },
    );
    const preview = await stack.preview({ diff: true });
    expect(preview.output).toContain("https://ws.us-east-1.maas.aliyuncs.com/api/v1");
    expect(preview.output).toMatch(/baseUrl +: \[unknown\]/);
  });
});
