import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import which from "which";
import { describeError } from "../error";
import { downloadPulumi } from "./download";
import { buildPulumi } from "./go-build";
import { installInto } from "./install";
import { dynamicProviderHost, installedVersion, oldestVersion, runPulumi } from "./pulumiCommand";

/** Finds a Pulumi CLI, or installs one into the cache. Reports slow work on standard error. */
export async function ensurePulumi(stop?: AbortSignal): Promise<PulumiCommand> {
  const sources: [name: string, get: () => Promise<PulumiCommand>][] = [
    ["Pulumi on PATH", findOnPath],
    ["Pulumi in the cache", findInCache],
    ["Download of Pulumi", () => installInto(cacheFolder(), downloadPulumi, stop)],
    ["Build of Pulumi", () => installInto(cacheFolder(), buildPulumi, stop)],
  ];
  const reasons: string[] = [];
  for (const [name, get] of sources) {
    try {
      return await get();
    } catch (error) {
      stop?.throwIfAborted();
      reasons.push(`  - ${name}: ${describeError(error)}`);
    }
  }
  throw new Error(
    `The Pulumi CLI is missing. Install Pulumi ${oldestVersion} or newer (https://www.pulumi.com/docs/install), or install Go 1.25 or newer (https://go.dev/doc/install) to build Pulumi here.\n${reasons.join("\n")}`,
  );
}

async function findOnPath(): Promise<PulumiCommand> {
  for (const program of ["pulumi", dynamicProviderHost]) await which(program);
  return runPulumi();
}

async function findInCache(): Promise<PulumiCommand> {
  if (!existsSync(cacheFolder())) throw new Error("not found");
  return runPulumi(cacheFolder());
}

/** Outside of the checkout, so that all clones share it. */
function cacheFolder(): string {
  const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(caches, "pulumi-dashscope", "pulumi", `${installedVersion}`);
}
