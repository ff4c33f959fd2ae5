import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Provider, Thread } from "pulumi-dashscope";
import { accounts, foreignKey, ownKey } from "./accountKeys";
import { countThreadSteps, listDeletions, listRecordedThreads, listThreadIds } from "./observer";
import { deleteThread } from "./outsider";
import { declareRecorded } from "./recorded/recordedProgram";
import { restore } from "./recorded/restore";
import { catchFailure, describeEngine, describeFrontEnds, newStack } from "./setup";

const recordings = readdirSync(join(__dirname, "recorded")).filter((name) => name.endsWith(".json"));

describeFrontEnds("a state that an earlier version recorded", (frontEnd) => {
  const { Thread } = frontEnd;

  test.each(recordings)(
    "the state %s refreshes without a change, updates in place and can be destroyed",
    async (recording) => {
      const stack = await newStack({}, async () => declareRecorded(frontEnd));
      await restore(stack, recording);
      await stack.refresh({ expectNoChanges: true });
      stack.program = async () => {
        declareRecorded(frontEnd);
        new Thread("new");
      };
      expect(countThreadSteps(await stack.up())).toEqual({ create: 1 });

      stack.program = async () => {
        new Thread("labelled", { metadata: { env: "prod" } });
        new Thread("plain", { metadata: { env: "prod" } });
      };
      expect((await stack.up()).changes).toMatchObject({ update: 2 });
      const [labelled, plain, ...others] = stack.emulator.threads();
      expect([labelled?.metadata, plain?.metadata, others]).toEqual([{ env: "prod" }, { env: "prod" }, []]);
      await stack.destroy();
      expect(listThreadIds(stack)).toEqual([]);
    },
  );
});

describeEngine("a state of version 0.1.0", () => {
  const greeting = [
    { role: "user" as const, content: "Hello", fileIds: ["file-1"], metadata: { lang: "en" } },
  ];

  /** The recorded program without `plain`, with secret messages. */
  const declare = (env: string) => async () => {
    const account = new Provider("account", { apiKey: ownKey, workspace: "ws-one" });
    new Thread("labelled", { metadata: { env, team: "support" } });
    new Thread("greeted", { messages: pulumi.secret(greeting), metadata: {} });
    new Thread("elsewhere", { metadata: { env }, workspace: "ws-two" });
    new Thread("of-the-account", { metadata: { env } }, { provider: account });
  };

  test("a state without keys accepts that a thread is gone, then records a key, and keeps threads whose messages become secret", async () => {
    const stack = await newStack({ emulator: accounts }, declare("dev"));
    await restore(stack, "0.1.0.json");
    const plain = String((await stack.readResources()).get("plain")?.id);
    await deleteThread(stack, plain);
    expect((await stack.refresh()).changes).toMatchObject({ delete: 1 });
    const names = ["elsewhere", "greeted", "labelled", "of-the-account"];
    expect(await listRecordedThreads(stack)).toEqual(names);
    const resources = await stack.readResources();
    for (const name of names) {
      expect(resources.get(name)?.outputs).toMatchObject({ __keys: [expect.any(String)] });
    }

    stack.env["DASHSCOPE_API_KEY"] = foreignKey;
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    stack.env["DASHSCOPE_API_KEY"] = ownKey;
    const ids = listThreadIds(stack);
    stack.program = declare("prod");
    expect(countThreadSteps(await stack.up())).toEqual({ update: 3 });
    expect(listThreadIds(stack)).toEqual(ids);
    expect(listDeletions(stack)).toEqual([expect.stringContaining(plain)]);
  });

  test("`dashscope:inherited` keeps its meaning in a refresh and a destroy", async () => {
    const stack = await newStack({ env: { DASHSCOPE_API_KEY: "" }, emulator: accounts }, declare("dev"));
    await restore(stack, "0.1.0.json", (resources) => {
      const kept = resources.filter(({ urn }) => /engine-test-test$|::account$|::of-the-account$/.test(urn));
      for (const { urn, inputs, outputs } of kept) {
        if (!urn.endsWith("::account")) continue;
        for (const bag of [inputs, outputs]) {
          bag["dashscope:inherited"] = buildInheritedSecret(bag["dashscope:inherited"]);
          delete bag["dashscope:apiKey"];
        }
      }
      return kept;
    });
    await stack.refresh({ expectNoChanges: true });
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
  });
});

/** Builds the secret with the key of the stack's configuration that a Provider of 0.1.0 inherited. */
function buildInheritedSecret(recorded: unknown): object {
  if (typeof recorded !== "object" || recorded === null)
    throw new Error("`dashscope:inherited` isn't a secret");
  return { ...recorded, plaintext: JSON.stringify(JSON.stringify({ apiKey: ownKey })) };
}
