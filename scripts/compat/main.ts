import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "dashscope-emulator";
import { say } from "../say";
import { type Combination, findCombinations } from "./combinations";
import { Project, packTarballs, type Tarballs } from "./project";
import { createStack, type Service, walkThrough } from "./walkThrough";

const apiKey = "sk-compat";

/**
 * Runs the packed package on the real engine in new projects, and prints a table of the results. Words on the command line choose the
 * projects that have all of them: `npm run test:compat -- 22 pnpm`.
 */
async function main(words: readonly string[]): Promise<void> {
  const chosen = findCombinations(words);
  const folder = await mkdtemp(join(tmpdir(), "pulumi-dashscope-compat-"));
  const emulator = await startEmulator({ apiKeys: [apiKey] });
  const rows: string[] = [];
  try {
    const tarballs = await packTarballs(folder);
    for (const [at, combination] of chosen.entries()) {
      const { node, sdk, manager, program } = combination;
      const named = `Node.js ${node}  ${sdk} @pulumi/pulumi  ${manager.padEnd(4)}  ${program.padEnd(14)}`;
      const project = new Project(join(folder, String(at)), combination, tarballs);
      const result = await tryCombination(combination, project, tarballs, { url: emulator.url, apiKey });
      say(`${named}  ${result}`);
      rows.push(`${named}  ${result.split("\n")[0]}`);
      await rm(project.folder, { recursive: true, force: true });
    }
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  }
  console.log(rows.join("\n"));
}

async function tryCombination(
  combination: Combination,
  project: Project,
  tarballs: Tarballs,
  service: Service,
): Promise<string> {
  try {
    await project.write();
    await project.install();
    const stack = await createStack(project, service);
    if (combination.program !== "component") {
      await walkThrough(stack, 1);
      return "works";
    }
    const refusal = combination.manager === "pnpm" ? await catchRefusal(stack.preview()) : undefined;
    if (refusal !== undefined) await project.install({ "pulumi-dashscope": `file:${tarballs.provider}` });
    await walkThrough(stack, 2);
    return refusal === undefined ? "works" : "works if the program depends on the provider, too";
  } catch (error) {
    process.exitCode = 1;
    return `FAILED\n${error instanceof Error ? error.message : error}`;
  }
}

/** Returns the error for a program that hasn't installed the provider itself. */
async function catchRefusal(operation: Promise<unknown>): Promise<string> {
  const output = await operation.then(() => "", String);
  const [sentence] =
    /Pulumi can't find the package pulumi-dashscope from .+ install them\./.exec(output) ?? [];
  if (sentence === undefined) throw new Error(`The program wasn't refused with our sentence:\n${output}`);
  return sentence;
}

for (const name of Object.keys(process.env)) {
  if (/^(DASHSCOPE|PULUMI)_/.test(name)) delete process.env[name];
}
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
