import { chmod, copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The plugin with which the engine starts the process that runs Node.js dynamic providers. */
export const dynamicHost = "pulumi-resource-pulumi-nodejs";

/**
 * The engine looks for the plugin on PATH, then beside its own executable. It must be a real file with its run bit:
 * the copy in the npm package may lack the bit, and a link would make the engine warn on every command.
 */
export async function placeDynamicHost(folder: string): Promise<void> {
  const sdk = dirname(createRequire(__filename).resolve("@pulumi/pulumi/package.json"));
  const placed = join(folder, dynamicHost);
  await copyFile(join(sdk, dynamicHost), placed);
  await chmod(placed, 0o755);
}
