import { expect, test } from "@jest/globals";
import * as dynamic from "pulumi-dashscope";
import * as plugin from "pulumi-dashscope/plugin";
import { describeEngine, newStack } from "../setup";

const apiKey = "sk-engine-test";

/** A program with everything that moves: a protected thread, its dependent, a set, and an explicit provider. */
function declareWith(
  { Thread, ThreadSet, Conversation, Provider }: typeof dynamic | typeof plugin,
  name: string,
) {
  return async () => {
    const support = new Thread(
      name,
      { messages: [{ role: "user", content: "Hello" }], metadata: { team: "support" } },
      { protect: true, aliases: [{ name: "support" }] },
    );
    new Thread("dependent", { metadata: { of: support.id, at: support.createdAt.apply(String) } });
    new ThreadSet("tenants", { threads: { acme: { metadata: { plan: "gold" } } } });
    new Conversation("chat", { metadata: { team: "support" } });
    const provider = new Provider("account", { apiKey });
    new Thread("explicit", {}, { provider });
  };
}

describeEngine("moving between the front ends", () => {
  test("records move both ways, protected threads and dependents too, and nothing is sent", async () => {
    const stack = await newStack({}, declareWith(dynamic, "support"));
    await stack.up();
    const threads = stack.emulator.threads();
    expect(threads).toHaveLength(4);
    const conversations = stack.emulator.conversations();
    expect(conversations).toHaveLength(1);
    stack.emulator.clearRequests();

    stack.program = declareWith(plugin, "renamed");
    // A provider isn't a thread: the old one goes, and the new one comes.
    expect((await stack.up()).changes).toEqual({ same: 6, create: 1, delete: 1 });
    expect(stack.emulator.requests()).toEqual([]);
    // From now on, the plugin's own outputs are recorded.
    expect((await stack.refresh()).changes).toEqual({ same: 7 });
    stack.emulator.clearRequests();

    stack.program = declareWith(dynamic, "renamed");
    expect((await stack.up()).changes).toEqual({ same: 1, update: 5, create: 1, delete: 1 });
    expect((await stack.preview()).changes).toEqual({ same: 7 });
    expect(stack.emulator.requests()).toEqual([]);
    expect(stack.emulator.threads()).toEqual(threads);
    expect(stack.emulator.conversations()).toEqual(conversations);
  });
});
