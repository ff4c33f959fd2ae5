import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const inReach = new Set<string>();

/**
 * Refuses what would end in Node.js's "Cannot find module": the dynamic-provider host requires the hooks from the program's folder, and
 * doesn't find a copy of this package that only a component package has installed.
 *
 * @param subpath the hooks' subpath, such as `pulumi-dashscope/hooks/thread`
 * @param root the folder of the program's Pulumi.yaml
 * @throws pulumi.RunError with what to install where
 */
export function assertHooksInReach(subpath: string, root = pulumi.getRootDirectory()): void {
  // Only Pulumi's language host tells it, and starts the program in the folder that the dynamic-provider host looks from.
  // The folder of an inline program isn't known here, and mocks need no hooks.
  if (inReach.has(subpath) || !isAbsolute(root)) return;
  const folder = process.cwd();
  // The program may have changed its folder since.
  if (!canResolve(subpath, folder) && !canResolve(subpath, root)) {
    throw new pulumi.RunError(
      `Pulumi can't find the package pulumi-dashscope from ${folder}. It needs the package there, even if a component of another package declares the resource. Add pulumi-dashscope to the dependencies of your project in ${folder} and install them.`,
    );
  }
  inReach.add(subpath);
}

function canResolve(subpath: string, folder: string): boolean {
  try {
    // Our own `require` finds the package that it belongs to, whatever paths it gets.
    createRequire(join(folder, "Pulumi.yaml")).resolve(subpath);
    return true;
  } catch {
    return false;
  }
}
