import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { withLock } from "../lock";
import { dynamicProviderHost, runPulumi } from "./pulumiCommand";

/** Puts a CLI into `<folder>/bin`. */
export type Installer = (folder: string, stop?: AbortSignal) => Promise<void>;

/** Installs a CLI in a temporary folder, and renames the folder to `root` when the CLI in it runs. */
export function installInto(root: string, installer: Installer, stop?: AbortSignal): Promise<PulumiCommand> {
  const install = async () => {
    const installedMeanwhile = await runPulumi(root).catch(() => undefined);
    if (installedMeanwhile !== undefined) return installedMeanwhile;
    await removeTemporaryFolders(root);
    const folder = await mkdtemp(`${root}.new-`);
    try {
      await mkdir(join(folder, "bin"));
      await installer(folder, stop);
      await copyDynamicProviderHost(join(folder, "bin"));
      await runPulumi(folder);
      await rm(root, { recursive: true, force: true });
      await rename(folder, root);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return runPulumi(root);
  };
  return withLock(
    `${root}.locked`,
    "Another process is installing the Pulumi CLI. Waiting for it.",
    install,
    stop,
  );
}

/** Killed installations leave them. */
async function removeTemporaryFolders(root: string): Promise<void> {
  for (const name of await readdir(dirname(root))) {
    if (name.startsWith(`${basename(root)}.new-`)) await rm(join(dirname(root), name), { recursive: true });
  }
}

/** The copy in the npm package isn't always executable, and with a link the engine prints a warning on each command. */
async function copyDynamicProviderHost(folder: string): Promise<void> {
  const sdk = dirname(require.resolve("@pulumi/pulumi/package.json"));
  await copyFile(join(sdk, dynamicProviderHost), join(folder, dynamicProviderHost));
  await chmod(join(folder, dynamicProviderHost), 0o755);
}
