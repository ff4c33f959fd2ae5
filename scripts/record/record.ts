import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "pulumi-dashscope/package.json";
import { closeStacks, newStack } from "../setup/stack";
import { program } from "./program";

/** Records the state that this version writes, for every later one to read: `npm run record`, at each release. */
async function record(): Promise<void> {
  const stack = await newStack({ env: { DASHSCOPE_SILENCE_DEPRECATION: "true" } }, program);
  await stack.up();
  const state = JSON.stringify(await stack.exportState(), null, 2);
  await writeFile(
    join(__dirname, `${version}.json`),
    `${state.replaceAll(stack.emulator.url, "BASE_URL")}\n`,
  );
  await closeStacks();
}

record().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
