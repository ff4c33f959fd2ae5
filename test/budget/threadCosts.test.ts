import { expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { Thread } from "pulumi-dashscope";
import { describeEngine, newStack } from "../engine/setup";
import * as budgets from "./budgets";

const count = 4;

function program(edition: string): pulumi.automation.PulumiFn {
  return async () => {
    for (let index = 0; index < count; index++) {
      new Thread(`thread-${index}`, {
        messages: [{ role: "user", content: "You are talking to the support desk." }],
        metadata: { team: "support", edition },
      });
    }
  };
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
    const resources = [...(await stack.readResources()).values()];
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

    const sizes = resources
      .filter(({ type }) => type.endsWith("dashscope:Thread"))
      .map(({ inputs, outputs }) => Buffer.byteLength(JSON.stringify({ inputs, outputs })));
    expect(sizes).toHaveLength(count);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(budgets.stateBytes);
  });
});
