import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";

/** The environment in which dynamic-provider hosts don't load what serializes closures, so that they start in half the time. */
export const leaveOutClosures = {
  NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, "withoutClosures.cjs"))}`,
};

/**
 * Makes the operations of a stack faster. After each one, the Automation API runs the CLI up to three times to read the
 * outputs and the history. That takes 1.4 s, and an `up` takes 2 s.
 */
export function leaveOutSummaries(stack: Stack): void {
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
}

/** Belongs to the passphrase of `isolateEngine`. */
const salt = "v1:vz7dzOuue6U=:v1:7/W188xTH2INb0TN:MNe9B0ooP0OvQ1qn/8Pa+MAOPYBmGA==";

/** Writes what `pulumi stack init` writes into a project's folder. The command takes half a second, and there are many stacks. */
export async function writeNewStack(folder: string, project: string, stack: string): Promise<void> {
  const states = join(folder, ".pulumi/stacks", project);
  await mkdir(states, { recursive: true });
  const latest = { secrets_providers: { type: "passphrase", state: { salt } }, metadata: {} };
  const state = { version: 3, checkpoint: { stack: `organization/${project}/${stack}`, latest } };
  await writeFile(join(states, `${stack}.json`), JSON.stringify(state));
  await writeFile(join(folder, ".pulumi/meta.yaml"), "version: 1\n");
  await writeFile(join(folder, `Pulumi.${stack}.yaml`), `encryptionsalt: ${salt}\n`);
}
