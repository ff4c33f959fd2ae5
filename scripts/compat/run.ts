import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "dashscope-emulator";
import { say } from "../say";
import { type Combination, combinationsWith } from "./combinations";
import { type Service, stackOf, walkThrough } from "./lifecycle";
import { Project, packTarballs, type Tarballs } from "./project";

const apiKey = "sk-compat";

/**
 * Shows what the packed package works with: the real engine, fresh projects, a table at the end. Words on the command line
 * choose the projects that have them all: `npm run test:compat -- 22 pnpm`.
 */
async function main(words: readonly string[]): Promise<void> {
  const chosen = combinationsWith(words);
  const folder = await mkdtemp(join(tmpdir(), "pulumi-dashscope-compat-"));
  const emulator = await startEmulator({ apiKeys: [apiKey] });
  const rows: string[] = [];
  try {
    const tarballs = await packTarballs(folder);
    for (const [at, combination] of chosen.entries()) {
      const { node, sdk, manager, program } = combination;
      const named = `Node.js ${node}  ${sdk} @pulumi/pulumi  ${manager.padEnd(4)}  ${program.padEnd(14)}`;
      const project = new Project(join(folder, String(at)), combination, tarballs);
      const result = await tried(combination, project, tarballs, { url: emulator.url, apiKey });
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

async function tried(
  combination: Combination,
  project: Project,
  tarballs: Tarballs,
  service: Service,
): Promise<string> {
  try {
    await project.lay();
    await project.install();
    const stack = await stackOf(project, service);
    if (combination.program !== "component") {
      await walkThrough(stack, 1);
      return "works";
    }
    const refusal = combination.manager === "pnpm" ? await refusalOf(stack.preview()) : undefined;
    if (refusal !== undefined) await project.install({ "pulumi-dashscope": `file:${tarballs.provider}` });
    await walkThrough(stack, 2);
    return refusal === undefined ? "works" : "works once the program depends on us, too";
  } catch (error) {
    process.exitCode = 1;
    return `FAILED\n${error instanceof Error ? error.message : error}`;
  }
}

/** What a program is told that has not installed us itself. */
async function refusalOf(operation: Promise<unknown>): Promise<string> {
  const output = await operation.then(() => "", String);
  const [sentence] =
    /Pulumi can't find the package pulumi-dashscope from .+ install them\./.exec(output) ?? [];
  if (sentence === undefined) throw new Error(`It was not refused with our sentence:\n${output}`);
  return sentence;
}

for (const name of Object.keys(process.env)) {
  if (/^(DASHSCOPE|PULUMI)_/.test(name)) delete process.env[name];
}
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
