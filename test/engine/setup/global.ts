import { ensurePulumi } from "../../../scripts/pulumi-cli";
import { reportMissingCli } from "./availability";

/** Finds or installs the CLI once for all engine tests, so that no test waits for it. */
export default async function setup(): Promise<void> {
  try {
    await ensurePulumi();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    reportMissingCli(reason);
    if (process.env["CI"] !== "true") {
      process.stderr.write(`\nThe tests on the real engine are SKIPPED.\n${reason}\n\n`);
    }
  }
}
