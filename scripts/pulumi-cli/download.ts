import { setTimeout as sleep } from "node:timers/promises";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { say } from "../say";
import { showProgress } from "./elapsedTime";
import { installedVersion } from "./pulumiCommand";

const host = "get.pulumi.com";

/** Downloads the CLI into `<folder>/bin` with Pulumi's own installer. */
export async function downloadPulumi(folder: string, stop?: AbortSignal): Promise<void> {
  // The installer waits for minutes if the network drops its packets.
  await fetch(`https://${host}`, { method: "HEAD", signal: AbortSignal.timeout(5_000) }).catch(() => {
    throw new Error(`${host} doesn't answer`);
  });
  say(`Downloading the Pulumi CLI ${installedVersion} from ${host}. This happens once.`);
  const endProgress = showProgress("Downloading Pulumi", () => []);
  const timeout = sleep(600_000, undefined, { ref: false, signal: stop }).then(() => {
    throw new Error("timeout after 10 minutes");
  });
  try {
    await Promise.race([PulumiCommand.install({ root: folder, version: installedVersion }), timeout]);
  } finally {
    endProgress();
  }
}
