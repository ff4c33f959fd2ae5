import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope/plugin";
import { createThread } from "../outsider";
import { describeEngine, failureOf, newStack } from "../setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

describeEngine("the provider plugin", () => {
  test("^C ends what waits as not sent, and records a create that was sent", async () => {
    const stack = await newStack({ env, emulator: { latency: 2_000 } }, async () => {
      for (const name of ["a", "b", "c"]) new Thread(name);
    });
    stack.env["DASHSCOPE_MAX_CONCURRENCY"] = "1";
    const interruption = new AbortController();
    const started = performance.now();
    setTimeout(() => interruption.abort(), 4000);
    const output = await failureOf(stack.up({ signal: interruption.signal }));
    console.log(performance.now() - started, output, stack.emulator.requests());
    const ops = (await stack.exportState()).deployment;
    console.log(JSON.stringify(ops.resources.map((r: any) => r.id)), ops.pending_operations);
  });

  test("import", async () => {
    const stack = await newStack({ env }, async () => {});
    const id = await createThread(stack, { metadata: { team: "support" } });
    stack.program = async () => {
      new Thread("x", { metadata: { team: "support" } }, { import: id });
    };
    console.log((await stack.up()).output);
    console.log((await stack.up()).output);
    const two = await createThread(stack, { metadata: { team: "support" } });
    console.log(
      await stack
        .import({
          resources: [{ type: "dashscope:index:Thread", name: "two", id: two }],
          generateCode: false,
          protect: false,
        })
        .then(
          (x) => x.output,
          (e) => String(e),
        ),
    );
    console.log(JSON.stringify((await stack.exportState()).deployment.resources, null, 1));
  });

  test("custom", async () => {
    const stack = await newStack({ env, emulator: { latency: 5_000 } }, async () => {
      new Thread("x", { metadata: { team: "support" } }, { customTimeouts: { create: "2s" } });
    });
    console.log(await failureOf(stack.up()));
  });
});
