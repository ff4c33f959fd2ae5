import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Provider, Thread } from "pulumi-dashscope";
import { deleteThread } from "../outsider";
import { restore } from "../recorded/restore";
import { describeEngine, catchFailure, newStack } from "../setup";
import { accounts, foreignKey, ownKey, silent } from "./account";
import { deletions, readRecords, threadIds } from "./record";
import { countThreadSteps } from "./report";

const greeting = [{ role: "user" as const, content: "Hello", fileIds: ["file-1"], metadata: { lang: "en" } }];

/** The recorded program without `plain`, with secret messages. */
function program(env: string): pulumi.automation.PulumiFn {
  return async () => {
    const account = new Provider("account", { apiKey: ownKey, workspace: "ws-one" });
    new Thread("labelled", { metadata: { env, team: "support" } });
    new Thread("greeted", { messages: pulumi.secret(greeting), metadata: {} });
    new Thread("elsewhere", { metadata: { env }, workspace: "ws-two" });
    new Thread("of-the-account", { metadata: { env } }, { provider: account });
  };
}

/** Returns the recorded secret with the key in the stack's configuration that the Provider inherited. */
function inheritedSecret(recorded: unknown): object {
  if (typeof recorded !== "object" || recorded === null)
    throw new Error("`dashscope:inherited` isn't a secret");
  return { ...recorded, plaintext: JSON.stringify(JSON.stringify({ apiKey: ownKey })) };
}

describeEngine("a state of version 0.1.0", () => {
  test("is believed until a key is recorded, then guarded, and loses no thread with secret messages", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, program("dev"));
    await restore(stack, "0.1.0.json");
    const { id: plain = "" } = (await readRecords(stack)).get("plain") ?? {};
    await deleteThread(stack, plain);
    expect((await stack.refresh()).changes).toMatchObject({ delete: 1 });
    const records = await readRecords(stack);
    expect([...records.keys()].sort()).toEqual(["elsewhere", "greeted", "labelled", "of-the-account"]);
    for (const { outputs } of records.values()) expect(outputs.__keys).toHaveLength(1);

    stack.env["DASHSCOPE_API_KEY"] = foreignKey;
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    stack.env["DASHSCOPE_API_KEY"] = ownKey;
    expect(countThreadSteps(await stack.up())).toEqual({});
    const ids = threadIds(stack);
    stack.program = program("prod");
    expect(countThreadSteps(await stack.up())).toEqual({ update: 3 });
    expect(threadIds(stack)).toEqual(ids);
    expect(deletions(stack)).toEqual([expect.stringContaining(plain)]);
    await stack.destroy();
    expect(threadIds(stack)).toEqual([]);
  });

  test("keeps the meaning of `dashscope:inherited` in a refresh and a destroy", async () => {
    const stack = await newStack(
      { env: { ...silent, DASHSCOPE_API_KEY: "" }, emulator: accounts },
      program("dev"),
    );
    await restore(stack, "0.1.0.json", (resources) => {
      const kept = resources.filter(({ urn }) => /engine-test-test$|::account$|::of-the-account$/.test(urn));
      for (const { urn, inputs, outputs } of kept) {
        if (!urn.endsWith("::account")) continue;
        for (const bag of [inputs, outputs]) {
          bag["dashscope:inherited"] = inheritedSecret(bag["dashscope:inherited"]);
          delete bag["dashscope:apiKey"];
        }
      }
      return kept;
    });
    await stack.refresh({ expectNoChanges: true });
    await stack.destroy();
    expect(threadIds(stack)).toEqual([]);
  });
});
