import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { say } from "../say";
import { folderWith } from "./executable";
import { showProgress } from "./progress";
import { ourVersion } from "./version";

const command = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** Compiles the CLI into `<folder>/bin` from the modules that the `go.mod` beside this file names. */
export async function buildPulumi(folder: string, stop?: AbortSignal): Promise<void> {
  if ((await folderWith("go", process.env["PATH"] ?? "")) === undefined)
    throw new Error("there is no Go on PATH");
  say(`No usable Pulumi CLI here yet: building ${ourVersion} with Go, once. It takes some minutes.`);
  const flags = [
    "-v",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    `-s -w -X ${versionVariable}=v${ourVersion}`,
  ];
  const go = spawn("go", ["build", ...flags, "-o", join(folder, "bin", "pulumi"), command], {
    cwd: __dirname,
    // Without cgo no C compiler is needed, and the result runs on any system of its kind, as the official one does.
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
    stdio: ["ignore", "ignore", "pipe"],
    ...(stop && { signal: stop }),
  });
  const log = new GoLog();
  const endProgress = showProgress("Building Pulumi", () => [log.state()]);
  try {
    createInterface(go.stderr).on("line", (line) => log.take(line));
    const [exitCode] = await once(go, "close");
    if (exitCode !== 0) throw new Error(log.complaints() || `go build ended with ${exitCode}`);
  } finally {
    endProgress();
  }
}

/** What `go build -v` tells: the modules it downloads, the packages it has compiled, and what is wrong. */
export class GoLog {
  #downloaded = 0;
  #compiled = 0;
  readonly #other: string[] = [];

  take(line: string): void {
    if (line.startsWith("go: downloading ")) this.#downloaded += 1;
    else if (/^[\w./~-]+$/.test(line)) this.#compiled += 1;
    else this.#other.push(line);
  }

  state(): string {
    return this.#compiled > 0
      ? `${this.#compiled} of about 1,700 packages compiled`
      : `${this.#downloaded} modules downloaded`;
  }

  /** The last lines: the first ones of a failed download are warnings as a rule. */
  complaints(): string {
    return this.#other.slice(-3).join(" ");
  }
}
