/** One operation on a contender's stack, in a process of its own as with every `pulumi` command: prints the seconds it took. */
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { withEnvironment } from "../scripts/engine/environment";
import { leaveOutSummaries } from "../scripts/engine/lean";
import { ensurePulumi } from "../scripts/pulumi-cli";
import { type ContenderName, contenders, programOf } from "./contender";
import { operations, type Phase } from "./phases";

export interface Operation {
  readonly contender: ContenderName;
  readonly count: number;
  readonly phase: Phase;
  /** Where Pulumi's project is. */
  readonly folder: string;
  /** Of the project and of its one stack. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

async function main({ contender, count, phase, folder, name, env }: Operation): Promise<void> {
  const { edition, operate } = operations[phase];
  const pulumiCommand = await ensurePulumi();
  await withEnvironment(env, /^(DASHSCOPE|PULUMI)_/, async () => {
    const stack = await LocalWorkspace.createOrSelectStack(
      {
        projectName: name,
        stackName: name,
        program: programOf(contenders[contender], count, edition),
      },
      { workDir: folder, pulumiCommand, projectSettings: { name, runtime: "nodejs" } },
    );
    leaveOutSummaries(stack);
    const started = performance.now();
    await operate(stack);
    console.log((performance.now() - started) / 1000);
  });
}

main(JSON.parse(process.argv[2] ?? ""));
