import { PulumiCommand } from "@pulumi/pulumi/automation";
import { oldestVersion } from "./version";

/** The CLI in `<root>/bin`, or without a root the one on PATH, once it has run and told a sufficient version. */
export async function workingCli(root?: string): Promise<PulumiCommand> {
  const command = await PulumiCommand.get(root === undefined ? {} : { root }).catch((error: unknown) => {
    throw new Error(`it does not run (${reasonOf(error)})`);
  });
  if (command.version === null || command.version.compare(oldestVersion) < 0) {
    throw new Error(`it is version ${command.version}, and ${oldestVersion} or newer is needed`);
  }
  return command;
}

/** The Automation API's errors hold the whole of what the command printed: its line of standard error is enough. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /stderr: (.+)/.exec(text)?.[1] ?? text;
}
