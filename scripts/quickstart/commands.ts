import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, type Stack, StackNotFoundError } from "@pulumi/pulumi/automation";
import { closedEngine, withEnvironment } from "../engine/environment";
import { leaveOutSummaries } from "../engine/lean";
import { ensurePulumi } from "../pulumi-cli";
import { say } from "../say";
import { operate } from "./operation";
import { type Project, projectIn } from "./project";
import { chooseTarget } from "./target";

/** What a command does with the quickstart's stack. */
type Command = (quickstart: Quickstart) => Promise<void>;

interface Quickstart {
  readonly project: Project;
  /** The stack, made when it is missing. */
  open(): Promise<Stack>;
  /** The stack if there is one. */
  find(): Promise<Stack | undefined>;
  readonly stop: AbortSignal;
}

const nothingToDestroy = "There is nothing to destroy.";

const commands = {
  async start({ open, project, stop }) {
    const stack = await open();
    await operate(stack, (options) => stack.up(options), stop);
    say(`
Next: change the metadata in ${join(project.main, "index.ts")} and run \`npm run preview\`: it shows what would change.
      \`npm start\` changes it. Once more, and there is nothing left to change.
      \`npm run destroy\` removes the thread.`);
  },

  async preview({ open, stop }) {
    const stack = await open();
    await operate(stack, (options) => stack.preview({ ...options, diff: true }), stop);
    say(`
Nothing has been changed.
Next: \`npm start\` makes the changes above.
      \`npm run destroy\` removes the thread.`);
  },

  async destroy({ find, stop }) {
    const stack = await find();
    if (stack === undefined) {
      say(nothingToDestroy);
      return;
    }
    await operate(stack, (options) => stack.destroy(options), stop);
    say("\nNext: `npm start` begins again.");
  },
} satisfies Record<string, Command>;

function isCommand(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name);
}

/** Runs a command on the project in a folder; everything it leaves behind is in that folder's `.local`. */
export async function runCommand(name: string, folder: string, stop: AbortSignal): Promise<void> {
  if (!isCommand(name))
    throw new Error(`There is no command "${name}", only ${Object.keys(commands).join(", ")}.`);
  const local = join(folder, ".local", "quickstart");
  if (name === "destroy" && !existsSync(local)) {
    say(nothingToDestroy);
    return;
  }
  const pulumiCommand = await ensurePulumi(stop);
  const target = await chooseTarget(local);
  try {
    say(target.description);
    await withEnvironment({ ...closedEngine(local), ...target.env }, target.hidden, async () => {
      const project = await projectIn(folder, pulumiCommand);
      const inline = { projectName: project.name, stackName: target.stack, program: project.program };
      const where = { workDir: folder, pulumiCommand };
      const lean = (stack: Stack) => {
        leaveOutSummaries(stack);
        return stack;
      };
      await commands[name]({
        project,
        stop,
        open: () => LocalWorkspace.createOrSelectStack(inline, where).then(lean),
        find: () =>
          LocalWorkspace.selectStack(inline, where).then(lean, (error: unknown) => {
            if (error instanceof StackNotFoundError) return undefined;
            throw error;
          }),
      });
    });
  } finally {
    await target.close();
  }
}
