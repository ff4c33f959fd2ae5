import { expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-dashscope";
import * as plugin from "pulumi-dashscope/plugin";
import { describeEngine, type EngineStack, newStack } from "../engine/setup";
import * as budgets from "./budgets";

const count = 4;

function program(edition: string, sdk: typeof dynamic | typeof plugin = dynamic): pulumi.automation.PulumiFn {
  return async () => {
    for (let index = 0; index < count; index++) {
      new sdk.Thread(`thread-${index}`, {
        messages: [{ role: "user", content: "You are talking to the support desk." }],
        metadata: { team: "support", edition },
      });
    }
  };
}

/** The bytes of each thread's inputs and outputs. */
async function measureState(stack: EngineStack): Promise<number[]> {
  return [...(await stack.readResources()).values()]
    .filter(({ type }) => /dashscope:(index:)?Thread$/.test(type))
    .map(({ inputs, outputs }) => Buffer.byteLength(JSON.stringify({ inputs, outputs })));
}

describeEngine("the budget of a thread on the real engine", () => {
  test("a thread stays within the budgets of requests and of bytes in the state", async () => {
    const stack = await newStack({}, program("first"));
    const requests: Record<string, number> = {};
    const sent = (phase: string) => {
      requests[phase] = stack.emulator.requests().length / count;
      stack.emulator.clearRequests();
    };

    await stack.preview();
    sent("preview");
    await stack.up();
    sent("up");
    const sizes = await measureState(stack);
    await stack.up();
    sent("no-op up");
    stack.program = program("second");
    await stack.up();
    sent("update of all");
    await stack.refresh();
    sent("refresh");
    await stack.destroy();
    sent("destroy");
    expect(requests).toEqual(budgets.requests);

    expect(sizes).toHaveLength(count);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(budgets.stateBytes);
  });

  test("a thread of the provider plugin stays within the budget of bytes in the state", async () => {
    const stack = await newStack({}, program("first", plugin));
    await stack.up();
    const sizes = await measureState(stack);
    expect(sizes).toHaveLength(count);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(budgets.pluginStateBytes);
  });
});
