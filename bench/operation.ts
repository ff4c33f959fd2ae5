/** Runs one operation on a Pulumi stack, in its own process as every `pulumi` command does, and prints the seconds. */
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { plugins, withEnvironment } from "../scripts/engine/environment";
import { leaveOutSummaries } from "../scripts/engine/lean";
import { reportFailure } from "../scripts/error";
import { ensurePulumi } from "../scripts/pulumi-cli";
import { buildFleet, type DeclarationName, declarations } from "./contenders";
import type { Phase } from "./phases";

export interface Operation {
  readonly declaration: DeclarationName;
  readonly count: number;
  readonly edition: string;
  readonly phase: Phase;
  /** The folder of the Pulumi project. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

const operations: Readonly<Record<Phase, (stack: Stack) => Promise<unknown>>> = {
  preview: (stack) => stack.preview(),
  up: (stack) => stack.up(),
  "no-op up": (stack) => stack.up(),
  "update of all": (stack) => stack.up(),
  refresh: (stack) => stack.refresh(),
  destroy: (stack) => stack.destroy(),
};

async function run({ declaration, count, edition, phase, folder, env }: Operation): Promise<void> {
  const pulumiCommand = await ensurePulumi();
  await withEnvironment(env, /^(DASHSCOPE|PULUMI)_/, async () => {
    const program = async () => declarations[declaration](buildFleet(count, edition));
    const projectSettings = { name: "bench", runtime: "nodejs" as const, plugins };
    const stack = await LocalWorkspace.createOrSelectStack(
      { projectName: "bench", stackName: "bench", program },
      { workDir: folder, pulumiCommand, projectSettings },
    );
    leaveOutSummaries(stack);
    const started = performance.now();
    await operations[phase](stack);
    console.log((performance.now() - started) / 1000);
  });
}

run(JSON.parse(process.argv[2] ?? "")).catch(reportFailure);
