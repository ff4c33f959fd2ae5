import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { createThread } from "./outsider";
import { program } from "./recorded/program";
import { describeEngine, type EngineStack, newStack } from "./setup";

const recordings = join(__dirname, "recorded");
const versions = readdirSync(recordings).filter((name) => name.endsWith(".json"));

interface Recorded {
  readonly type: string;
  readonly id: string;
  readonly outputs: { readonly metadata: Record<string, string>; readonly workspace?: string };
}

/** Puts the recorded state in force, with its threads at the emulator as they were. */
async function restore(stack: EngineStack, recording: string): Promise<void> {
  let text = (await readFile(join(recordings, recording), "utf8")).replaceAll("BASE_URL", stack.emulator.url);
  const { deployment }: { deployment: { resources: Recorded[] } } = JSON.parse(text);
  for (const { type, id, outputs } of deployment.resources) {
    if (!type.endsWith("dashscope:Thread")) continue;
    text = text.replaceAll(id, await createThread(stack, { metadata: outputs.metadata }, outputs.workspace));
  }
  await stack.importState(JSON.parse(text));
}

describeEngine("a state that an earlier version recorded", () => {
  test.each(versions)("%s is refreshed, left as it is, updated and destroyed", async (recording) => {
    const stack = await newStack({ env: { DASHSCOPE_SILENCE_DEPRECATION: "true" } }, program);
    await restore(stack, recording);

    await stack.refresh({ expectNoChanges: true });
    expect((await stack.up()).changes).toEqual({ same: 7 });

    stack.program = async () => {
      await program();
      new Thread("new");
    };
    expect((await stack.up()).changes).toEqual({ same: 7, create: 1 });

    stack.program = async () => {
      new Thread("labelled", { metadata: { env: "prod" } });
      new Thread("plain", { metadata: { env: "prod" } });
    };
    expect((await stack.up()).changes).toMatchObject({ update: 2 });
    const labels = stack.emulator.threads().map(({ metadata }) => metadata);
    expect(labels).toEqual([{ env: "prod" }, { env: "prod" }]);
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });
});
