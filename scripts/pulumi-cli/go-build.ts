import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import which from "which";
import { say } from "../say";
import { showProgress } from "./elapsedTime";
import { installedVersion } from "./pulumiCommand";

const command = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** Builds the CLI into `<folder>/bin` from the modules in the `go.mod` beside this file. */
export async function buildPulumi(folder: string, stop?: AbortSignal): Promise<void> {
  await which("go");
  say(`Building the Pulumi CLI ${installedVersion} with Go. This happens once and takes a few minutes.`);
  const flags = [
    "-v",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    `-s -w -X ${versionVariable}=v${installedVersion}`,
  ];
  const go = spawn("go", ["build", ...flags, "-o", join(folder, "bin", "pulumi"), command], {
    cwd: __dirname,
    // Without cgo, the build needs no C compiler.
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
    stdio: ["ignore", "ignore", "pipe"],
    signal: stop,
  });
  let downloaded = 0;
  let compiled = 0;
  const complaints: string[] = [];
  createInterface(go.stderr).on("line", (line) => {
    if (line.startsWith("go: downloading ")) downloaded += 1;
    else if (/^[\w./~-]+$/.test(line)) compiled += 1;
    else complaints.push(line);
  });
  const endProgress = showProgress("Building Pulumi", () => [
    compiled === 0 ? `${downloaded} modules downloaded` : `${compiled} of about 1,700 packages compiled`,
  ]);
  try {
    const [exitCode] = await once(go, "close");
    // The first lines of a failed download are usually warnings.
    if (exitCode !== 0)
      throw new Error(complaints.slice(-3).join(" ") || `\`go build\` exited with ${exitCode}`);
  } finally {
    endProgress();
  }
}
