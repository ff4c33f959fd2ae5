import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { say } from "../say";
import { placeDynamicHost } from "./dynamic-host";
import { oneAtATime } from "./lock";
import { workingCli } from "./working-cli";

/** Puts a CLI into `<folder>/bin`. */
export type Fill = (folder: string, stop?: AbortSignal) => Promise<void>;

/** Fills a folder out of sight and shows it only when the CLI in it runs, so that nobody ever sees half an installation. */
export async function installInto(root: string, fill: Fill, stop?: AbortSignal): Promise<PulumiCommand> {
  const waiting = () => say("Another process is getting the Pulumi CLI: waiting for it.");
  const install = async () => {
    const there = await workingCli(root).catch(() => undefined);
    if (there !== undefined) return there;
    const folder = await mkdtemp(`${root}.new-`);
    try {
      await mkdir(join(folder, "bin"));
      await fill(folder, stop);
      await placeDynamicHost(join(folder, "bin"));
      await workingCli(folder);
      await rm(root, { recursive: true, force: true });
      await rename(folder, root);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return workingCli(root);
  };
  return oneAtATime(`${root}.lock`, waiting, install, stop);
}
