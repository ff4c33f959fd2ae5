import { ensurePulumi } from "../../../scripts/pulumi-cli";
import { tellThereIsNoCli } from "./availability";

/** Once for all engine tests, so that a long download or build is not done, nor waited for, inside a test. */
export default async function setup(): Promise<void> {
  try {
    await ensurePulumi();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tellThereIsNoCli(reason);
    if (process.env["CI"] !== "true") {
      process.stderr.write(`\nThe tests on the real engine are SKIPPED.\n${reason}\n\n`);
    }
  }
}
