import { setTimeout as sleep } from "node:timers/promises";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { SemVer } from "semver";
import { say } from "../say";
import { showProgress } from "./progress";
import { ourVersion } from "./version";

const host = "get.pulumi.com";
const answersWithin = 5_000;
const doneWithin = 600_000;

/** Lets Pulumi's own installer put the CLI into `<folder>/bin`. */
export async function downloadPulumi(folder: string, stop?: AbortSignal): Promise<void> {
  // The installer waits for minutes where nothing answers, as in many closed networks.
  await fetch(`https://${host}`, { method: "HEAD", signal: AbortSignal.timeout(answersWithin) }).catch(() => {
    throw new Error(`${host} does not answer`);
  });
  say(`No usable Pulumi CLI here yet: downloading ${ourVersion} from ${host}, once.`);
  const endProgress = showProgress("Downloading Pulumi", () => []);
  const done = new AbortController();
  const signal = stop ? AbortSignal.any([stop, done.signal]) : done.signal;
  try {
    await Promise.race([
      PulumiCommand.install({ root: folder, version: new SemVer(ourVersion) }),
      sleep(doneWithin, undefined, { signal }).then(() => {
        throw new Error(`it was not done after ${doneWithin / 60_000} minutes`);
      }),
    ]);
  } finally {
    done.abort();
    endProgress();
  }
}
