import { access } from "node:fs/promises";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { cacheRoot } from "./cache";
import { downloadPulumi } from "./download";
import { firstThatWorks } from "./first-that-works";
import { buildPulumi } from "./go-build";
import { installInto } from "./install";
import { pulumiOnPath } from "./on-path";
import { oldestVersion } from "./version";
import { workingCli } from "./working-cli";

async function cachedPulumi(): Promise<PulumiCommand> {
  const root = cacheRoot();
  await access(root).catch(() => {
    throw new Error("there is none yet");
  });
  return workingCli(root);
}

/** A Pulumi CLI that runs, from the first place that has one. What takes long is told on standard error. */
export function ensurePulumi(stop?: AbortSignal): Promise<PulumiCommand> {
  return firstThatWorks(
    `No Pulumi CLI is to be had: install Pulumi ${oldestVersion} or newer (https://www.pulumi.com/docs/install), or Go 1.25 or newer (https://go.dev/doc/install) to have it built here.`,
    [
      { name: "Pulumi on PATH", get: () => pulumiOnPath() },
      { name: "Pulumi in our cache", get: cachedPulumi },
      { name: "Pulumi's official download", get: () => installInto(cacheRoot(), downloadPulumi, stop) },
      {
        name: "A build of Pulumi from its Go modules",
        get: () => installInto(cacheRoot(), buildPulumi, stop),
      },
    ],
    stop,
  );
}
