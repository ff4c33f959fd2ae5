import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-dashscope";
import { declareSupport } from "./declarations";
import { listDeletions, listThreadIds } from "./observer";
import { deleteThread, setMetadata } from "./outsider";
import { catchFailure, describeEngine, describeFrontEnds, newStack } from "./setup";

describeFrontEnds("the options", ({ Thread }) => {
  test("`ignoreChanges` keeps what it names, and `replaceOnChanges` replaces for metadata", async () => {
    const messages = [{ role: "user" as const, content: "one" }];
    const others = [{ role: "user" as const, content: "two" }];
    const stack = await newStack(
      {},
      declareSupport(Thread, { messages, metadata: { env: "dev", team: "support" } }),
    );
    await stack.up();
    const [id] = listThreadIds(stack);

    stack.program = declareSupport(
      Thread,
      { messages: others, metadata: { env: "prod", team: "sales" } },
      { ignoreChanges: ["metadata.env", "messages"] },
    );
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ id, metadata: { env: "dev", team: "sales" } }]);

    await setMetadata(stack, { env: "elsewhere" });
    await stack.refresh();
    stack.program = declareSupport(
      Thread,
      { messages, metadata: { other: "map" } },
      { ignoreChanges: ["metadata"] },
    );
    expect((await stack.up()).changes).toEqual({ same: 2 });
    expect(stack.emulator.threads()).toMatchObject([{ metadata: { env: "elsewhere" } }]);

    stack.program = declareSupport(
      Thread,
      { messages, metadata: { env: "prod" } },
      { replaceOnChanges: ["metadata.env"] },
    );
    expect((await stack.up()).changes).toEqual({ replace: 1, same: 1 });
    expect(listThreadIds(stack)).toEqual([expect.not.stringContaining(String(id))]);
  });

  test("`continueOnError`, `target`, `refresh` and a plan work as for any resource", async () => {
    const declare = (env: string) => async () => {
      for (const name of ["support", "sales"]) new Thread(name, { metadata: { env } });
    };
    const stack = await newStack({}, declare("dev"));
    stack.emulator.setFaults([
      { kind: "error", status: 400, code: "DataInspectionFailed", message: "No.", verb: "create", times: 1 },
    ]);
    const failure = await catchFailure(stack.up({ continueOnError: true }));
    expect(failure).toContain("[DASHSCOPE_ERR_REFUSED]");
    expect(stack.emulator.threads()).toHaveLength(1);
    await stack.up();

    const listEnvironments = () => stack.emulator.threads().map(({ metadata }) => metadata["env"]);
    stack.program = declare("prod");
    const { urn = "" } = (await stack.readResources()).get("support") ?? {};
    expect((await stack.up({ target: [urn] })).changes).toEqual({ update: 1, same: 2 });
    expect(listEnvironments().sort()).toEqual(["dev", "prod"]);

    const plan = join(stack.folder, "plan.json");
    await stack.preview({ plan });
    await stack.up({ plan });
    expect(listEnvironments()).toEqual(["prod", "prod"]);

    await deleteThread(stack);
    expect((await stack.up({ refresh: true })).changes).toMatchObject({ create: 1 });
    expect(listEnvironments()).toEqual(["prod", "prod"]);
  });
});

describeEngine("the options", () => {
  const { Thread } = dynamic;
  test("aliases rename and move a thread, `protect` keeps it, and `additionalSecretOutputs` encrypts an output", async () => {
    const messages = [{ role: "user" as const, content: "one" }];
    const stack = await newStack(
      {},
      declareSupport(Thread, { messages }, { additionalSecretOutputs: ["createdAt"] }),
    );
    await stack.up();
    const [thread] = stack.emulator.threads();
    expect(await stack.readState()).not.toContain(String(thread?.createdAt));

    stack.program = async () => {
      new Thread("helpdesk", { messages }, { aliases: [{ name: "support" }] });
    };
    expect((await stack.up()).changes).toEqual({ same: 2 });
    const declareMoved = (content: string) => async () => {
      const parent = new pulumi.ComponentResource("test:Desk", "desk");
      new Thread(
        "helpdesk",
        { messages: [{ role: "user", content }] },
        { parent, aliases: [{ parent: pulumi.rootStackResource }], protect: true },
      );
    };
    stack.program = declareMoved("one");
    expect((await stack.up()).changes).toEqual({ same: 2, create: 1 });

    expect(await catchFailure(stack.destroy())).toContain("protected");
    stack.program = declareMoved("two");
    expect(await catchFailure(stack.preview())).toContain("marked for protection");
    expect(stack.emulator.threads()).toEqual([thread]);
  });

  test("`dependsOn`, `transforms`, `retainOnDelete` and `deletedWith` work, and `customTimeouts` has no effect", async () => {
    const stack = await newStack({ emulator: { latency: 1500 } }, async () => {
      const first = new Thread("first", { metadata: { at: "1" } }, { customTimeouts: { create: "1s" } });
      new Thread(
        "second",
        { metadata: { at: "2" } },
        {
          dependsOn: first,
          retainOnDelete: true,
          transforms: [({ props, opts }) => ({ props: { ...props, metadata: { at: "changed" } }, opts })],
        },
      );
      new Thread("third", { metadata: { at: "3" } }, { dependsOn: first, deletedWith: first });
    });
    await stack.up();
    const bodies = stack.emulator.requests().map(({ body }) => body);
    expect(bodies[0]).toEqual({ metadata: { at: "1" } });
    expect(bodies).toContainEqual({ metadata: { at: "changed" } });
    await stack.destroy();
    expect(listDeletions(stack)).toHaveLength(1);
    expect(stack.emulator.threads()).toHaveLength(2);
  });
});
