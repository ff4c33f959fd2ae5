import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as dynamic from "pulumi-dashscope";
import { version } from "pulumi-dashscope/package.json";
import { declareRecorded } from "../../test/engine/recorded/recordedProgram";
import { closeStacks, newStack } from "../engine/stack";

const recordings = join(__dirname, "../../test/engine/recorded");

/** `npm run record`: records the state that this version writes, at each release. Every later version is tested with it. */
async function record(): Promise<void> {
  const stack = await newStack({}, async () => declareRecorded(dynamic));
  await stack.up();
  const state = JSON.stringify(await stack.exportState(), null, 2);
  await writeFile(
    join(recordings, `${version}.json`),
    `${state.replaceAll(stack.emulator.url, "BASE_URL")}\n`,
  );
  await closeStacks();
}

record().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
