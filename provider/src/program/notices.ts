import * as pulumi from "@pulumi/pulumi";
import { parseBoolean } from "../config/settings";
import { takeInterruptedRuns } from "../journal/interrupted";
import type { ResourceName } from "../resource/providerText";
import { readStackConfiguration } from "./stackConfig";

const noticed = new WeakMap<pulumi.Resource, Set<string>>();

/** Prints what a program is to know about its resources, once for each run of it. */
export function printNotices(kind: ResourceName): void {
  // One process may run several programs, one after another. Each has a stack of its own.
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined) return;
  const printed = noticed.get(stack) ?? new Set<string>();
  noticed.set(stack, printed);
  const printOnce = (notice: string, print: () => void) => {
    if (printed.has(notice)) return;
    printed.add(notice);
    print();
  };
  printOnce("interrupted runs", warnOfInterruptedRuns);
  if (kind !== "Conversation") printOnce("deprecation", warnOfDeprecation);
}

function warnOfInterruptedRuns(): void {
  if (takeInterruptedRuns(process.env) === 0) return;
  pulumi.log.warn(
    "An earlier run was interrupted while it created threads or conversations, so some may exist that no state knows. To find them, run: pulumi stack export | npx pulumi-dashscope orphans",
  );
}

/** `dashscope:silenceDeprecation` or `DASHSCOPE_SILENCE_DEPRECATION` silences it. */
function warnOfDeprecation(): void {
  const silenced =
    readStackConfiguration()("silenceDeprecation") || process.env["DASHSCOPE_SILENCE_DEPRECATION"];
  if (parseBoolean(silenced)) return;
  pulumi.log.warn(
    "Alibaba Cloud has deprecated the Assistant API, which threads belong to. It has published no end date, and threads keep working. `Conversation` is the successor. To silence this notice, run: pulumi config set dashscope:silenceDeprecation true",
  );
}
