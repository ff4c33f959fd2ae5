import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { threadHooks } from "./providerText";

let inReach = false;

/**
 * Refuses what would end in Node's "Cannot find module": the dynamic-provider host requires the hooks from the program's
 * folder, where it cannot see a copy of this package that only a component package has installed.
 *
 * @param root the folder of the program's Pulumi.yaml
 * @throws pulumi.RunError with what to install where
 */
export function assertHooksInReach(root = pulumi.getRootDirectory()): void {
  // Only Pulumi's language host tells it, and starts the program in the folder that the dynamic-provider host will look from.
  // An inline program's folder is known to nobody here, and mocks need no hooks.
  if (inReach || !isAbsolute(root)) return;
  const folder = process.cwd();
  // The program may have changed its folder since.
  if (!isInReachOf(folder) && !isInReachOf(root)) {
    throw new pulumi.RunError(
      `Pulumi cannot find the package pulumi-dashscope from ${folder}, and needs it there to manage a dashscope.Thread, even one that a component of another package declares. Add pulumi-dashscope to the dependencies of your project in ${folder}, and install them.`,
    );
  }
  inReach = true;
}

function isInReachOf(folder: string): boolean {
  try {
    // Our own `require`, whatever paths it is given, finds the package that it stands in.
    createRequire(join(folder, "Pulumi.yaml")).resolve(threadHooks);
    return true;
  } catch {
    return false;
  }
}
