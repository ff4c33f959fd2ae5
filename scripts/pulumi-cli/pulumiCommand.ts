import { PulumiCommand } from "@pulumi/pulumi/automation";
import { SemVer } from "semver";

/** The version that the download and the build install. */
export const installedVersion = new SemVer("3.259.0");

/** The oldest version that works. Since 3.254.0, `pulumi import --file` accepts inputs and outputs. */
export const oldestVersion = new SemVer("3.254.0");

/** The plugin that starts the process of Node.js dynamic providers. The engine looks for it on PATH and beside the CLI. */
export const dynamicProviderHost = "pulumi-resource-pulumi-nodejs";

/** Runs the CLI in `<folder>/bin`, or by default the one on PATH, and checks its version. */
export function runPulumi(folder?: string): Promise<PulumiCommand> {
  return PulumiCommand.get({ version: oldestVersion, ...(folder && { root: folder }) });
}
