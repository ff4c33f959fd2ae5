import * as pulumi from "@pulumi/pulumi";
import { parseBoolean } from "../config/settings";
import { takeInterruptedRuns } from "../journal/interrupted";
import { readStackConfiguration } from "./stackConfig";

const noticed = new WeakSet<pulumi.Resource>();

/**
 * Prints, once for each run of a program, that the API is deprecated, unless `dashscope:silenceDeprecation` or
 * `DASHSCOPE_SILENCE_DEPRECATION` says yes, and that an interrupted run may have left orphans.
 */
export function printNotices(): void {
  // One process may run several programs, one after another. Each has a stack of its own.
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined || noticed.has(stack)) return;
  noticed.add(stack);
  if (takeInterruptedRuns(process.env) > 0) {
    pulumi.log.warn(
      "An earlier run was interrupted while it created threads, so some may exist that no state knows. To find them, run: pulumi stack export | npx pulumi-dashscope orphans",
    );
  }
  const silenced =
    readStackConfiguration()("silenceDeprecation") || process.env["DASHSCOPE_SILENCE_DEPRECATION"];
  if (parseBoolean(silenced)) return;
  pulumi.log.warn(
    "Alibaba Cloud has deprecated the Assistant API, which threads belong to. It has published no end date, and threads keep working. To silence this notice, run: pulumi config set dashscope:silenceDeprecation true",
  );
}
