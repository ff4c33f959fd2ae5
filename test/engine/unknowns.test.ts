import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Thread, type ThreadArgs } from "pulumi-dashscope";
import { describeEngine, describeFrontEnds, newStack } from "./setup";

/** Each argument, or a part of it, made of the ID of a thread that doesn't exist before the update. */
const unknowns: Record<string, (id: pulumi.Output<string>) => ThreadArgs> = {
  metadata: (id) => ({ metadata: id.apply((of) => ({ of })) }),
  "a value of the metadata": (id) => ({ metadata: { env: "dev", of: id } }),
  messages: (id) => ({ messages: id.apply((of) => [{ role: "user" as const, content: of }]) }),
  "a message": (id) => ({ messages: [id.apply((of) => ({ role: "user" as const, content: of }))] }),
  "the content of a message": (id) => ({ messages: [{ role: "user", content: id }] }),
  "the role of a message": (id) => ({
    messages: [{ role: id.apply(() => "user" as const), content: "Hello" }],
  }),
  "the files of a message": (id) => ({ messages: [{ role: "user", content: "Hello", fileIds: [id] }] }),
  "the metadata of a message": (id) => ({
    messages: [{ role: "user", content: "Hello", metadata: { of: id } }],
  }),
  workspace: (id) => ({ workspace: id.apply((of) => of.slice(0, 20)) }),
};

describeFrontEnds("an argument that isn't known yet", ({ Thread }) => {
  test("an unknown value, secret or not, is accepted at any depth of any argument", async () => {
    const stack = await newStack({}, async () => {
      const { id } = new Thread("source");
      for (const [name, buildArgs] of Object.entries(unknowns)) {
        new Thread(name, buildArgs(id));
        new Thread(`${name}, secret`, buildArgs(pulumi.secret(id)));
      }
    });
    const count = 2 * Object.keys(unknowns).length + 2;
    expect((await stack.preview()).changes).toEqual({ create: count });
    expect((await stack.up()).changes).toEqual({ create: count });
    await stack.refresh({ expectNoChanges: true });
    expect((await stack.up()).changes).toEqual({ same: count });
  });

  test("a preview shows an unknown value as an update or a replacement, as the update will be", async () => {
    const declare = (content: string) => async () => {
      const source = new Thread("source", { messages: [{ role: "user", content }] });
      new Thread("labelled", { metadata: { of: source.id } });
      new Thread("greeted", { messages: [{ role: "user", content: source.id }] });
    };
    const stack = await newStack({}, declare("one"));
    await stack.up();
    stack.program = declare("two");
    expect((await stack.preview()).changes).toEqual({ replace: 2, update: 1, same: 1 });
    expect((await stack.up()).changes).toEqual({ replace: 2, update: 1, same: 1 });
  });

  test("an unknown workspace makes the base URL unknown in a region whose host name begins with the workspace", async () => {
    const env = {
      DASHSCOPE_HTTP_BASE_URL: "",
      DASHSCOPE_API_REGION: "us-east-1",
      DASHSCOPE_WORKSPACE_ID: "ws",
    };
    const stack = await newStack({ env }, async () => {
      new Thread("support", { workspace: new Thread("source").id });
    });
    const preview = await stack.preview({ diff: true });
    expect(preview.output).toContain("https://ws.us-east-1.maas.aliyuncs.com/api/v1");
    expect(preview.output).toMatch(/baseUrl +: \[unknown\]/);
  });
});

describeEngine("an output of the dynamic provider", () => {
  test("a preview of an update shows what depends on a computed output as changed, and the update leaves it alone", async () => {
    const declare = (env: string) => async () => {
      const { createdAt } = new Thread("support", { metadata: { env } });
      new Thread("dependent", { metadata: { at: createdAt.apply(String) } });
    };
    const stack = await newStack({}, declare("dev"));
    await stack.up();
    stack.program = declare("prod");
    expect((await stack.preview()).changes).toEqual({ update: 2, same: 1 });
    expect((await stack.up()).changes).toEqual({ update: 1, same: 2 });
  });
});
