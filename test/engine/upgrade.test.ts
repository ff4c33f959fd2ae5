import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { countThreadSteps } from "./identity/report";
import { program } from "./recorded/program";
import { restore } from "./recorded/restore";
import { describeEngine, newStack } from "./setup";

const recordings = join(__dirname, "recorded");
const versions = readdirSync(recordings).filter((name) => name.endsWith(".json"));

describeEngine("a state that an earlier version recorded", () => {
  test.each(versions)("%s is refreshed, left as it is, updated and destroyed", async (recording) => {
    const stack = await newStack({ env: { DASHSCOPE_SILENCE_DEPRECATION: "true" } }, program);
    await restore(stack, recording);

    await stack.refresh({ expectNoChanges: true });
    expect(countThreadSteps(await stack.up())).toEqual({});

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
