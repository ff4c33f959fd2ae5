import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type InlineProgramArgs,
  LocalWorkspace,
  type LocalWorkspaceOptions,
  type PulumiCommand,
  type Stack,
  StackNotFoundError,
} from "@pulumi/pulumi/automation";
import { require as requireTypeScript } from "tsx/cjs/api";
import { isolateEngine, withEnvironment } from "../engine/environment";
import { leaveOutSummaries } from "../engine/lean";
import { describeError } from "../error";
import { ensurePulumi } from "../pulumi-cli";
import { say } from "../say";
import { runOperation } from "./operation";
import { chooseTarget } from "./target";

interface Project {
  /** The folder of the program, relative to the folder of the project. */
  readonly main: string;
  readonly stack: InlineProgramArgs;
  readonly options: LocalWorkspaceOptions;
}

type Command = (project: Project, stop: AbortSignal) => Promise<void>;

const commands = new Map<string, Command>(Object.entries({ start, preview, destroy }));

async function start(project: Project, stop: AbortSignal): Promise<void> {
  const stack = await openStack(project);
  await runOperation(stack, (options) => stack.up(options), stop);
  say(`Next steps:
  - Change the metadata in ${join(project.main, "index.ts")}.
  - \`npm run preview\` shows the change, and \`npm start\` applies it.
  - \`npm run destroy\` deletes the thread.`);
}

async function preview(project: Project, stop: AbortSignal): Promise<void> {
  const stack = await openStack(project);
  const { changeSummary } = await runOperation(
    stack,
    (options) => stack.preview({ ...options, diff: true }),
    stop,
  );
  const hasChanges = Object.keys(changeSummary).some((operation) => operation !== "same");
  say(
    hasChanges
      ? "\nThis was a preview. Next step: `npm start` applies these changes."
      : `\nThere is nothing to change. Next step: change the metadata in ${join(project.main, "index.ts")}.`,
  );
}

async function destroy(project: Project, stop: AbortSignal): Promise<void> {
  const stack = await LocalWorkspace.selectStack(project.stack, project.options).catch((error: unknown) => {
    if (error instanceof StackNotFoundError) return undefined;
    throw error;
  });
  if (stack === undefined) {
    say(nothingToDestroy);
    return;
  }
  leaveOutSummaries(stack);
  await runOperation(stack, (options) => stack.destroy(options), stop);
  await stack.workspace.removeStack(stack.name, { preserveConfig: true });
  say("Next step: `npm start` creates the thread again.");
}

const nothingToDestroy = "There is nothing to destroy. Next step: `npm start` creates the thread.";

async function openStack({ stack, options }: Project): Promise<Stack> {
  const opened = await LocalWorkspace.createOrSelectStack(stack, options);
  leaveOutSummaries(opened);
  return opened;
}

/** Runs a command on the project in a folder. Keeps the state and the emulator's data in its `.local` folder. */
export async function runCommand(name: string, folder: string, stop: AbortSignal): Promise<void> {
  const command = commands.get(name);
  if (command === undefined)
    throw new Error(`Unknown command \`${name}\`: use ${[...commands.keys()].join(", ")}.`);
  const local = join(folder, ".local", "quickstart");
  if (command === destroy && !existsSync(local)) {
    say(nothingToDestroy);
    return;
  }
  const pulumiCommand = await ensurePulumi(stop);
  const target = await chooseTarget(local);
  try {
    say(target.description);
    await withEnvironment({ ...isolateEngine(local), ...target.env }, target.hidden, async () =>
      command(await readProject(folder, target.stack, pulumiCommand), stop),
    );
  } finally {
    await target.close();
  }
}

/** Reads the `Pulumi.yaml` in a folder. */
async function readProject(
  folder: string,
  stackName: string,
  pulumiCommand: PulumiCommand,
): Promise<Project> {
  const options = { workDir: folder, pulumiCommand };
  const workspace = await LocalWorkspace.create(options);
  const { name, main = "." } = await workspace.projectSettings().catch((error: unknown) => {
    throw new Error(`Cannot read ${join(folder, "Pulumi.yaml")}: ${describeError(error)}`);
  });
  // Like Pulumi's language host, it loads the program and returns its exports as the stack's outputs.
  const program = async (): Promise<Record<string, unknown>> => ({
    ...requireTypeScript(join(folder, main), __filename),
  });
  return { main, stack: { projectName: name, stackName, program }, options };
}
