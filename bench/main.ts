import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { reportFailure } from "../scripts/error";
import { ensurePulumi } from "../scripts/pulumi-cli";
import { showProgress } from "../scripts/pulumi-cli/elapsedTime";
import { measureClient } from "./client";
import { measureEmulator } from "./emulator";
import { measureLoading } from "./loading";
import { measureBackends, measureFleets, measureStacks, type Options } from "./stacks";

const parts = new Map<string, (options: Options) => Promise<string>>([
  ["loading", measureLoading],
  ["client", measureClient],
  ["emulator", measureEmulator],
  ["stacks", measureStacks],
  ["fleets", measureFleets],
  ["backends", measureBackends],
]);

const help = `npm run bench [PART ...] [THREADS ...] [-- --latency MILLISECONDS]

Prints Markdown tables. Without a part, it measures all of them.

  loading    how long Pulumi's host takes to load the provider, beside an empty handler
  client     the creates a second of the provider's client, beside undici
  emulator   the calls a second of the emulator, with few threads and with many
  stacks     Thread beside a dynamic provider and empty hooks
  fleets     ThreadSet beside Thread and alchemy, which it installs
  backends   Thread with each setting of the file backend

For example, \`npm run bench fleets 1000 10000 -- --latency 20\` measures fleets of 1,000 and 10,000 threads.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean" }, latency: { type: "string", default: "0" } },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const words = positionals.filter((word) => !isCount(word));
  const unknown = words.find((word) => !parts.has(word));
  if (unknown !== undefined || !isCount(values.latency)) {
    throw new Error(
      `Invalid ${unknown === undefined ? "latency" : "part"} \`${unknown ?? values.latency}\`.\n\n${help}`,
    );
  }
  const sizes = positionals.filter(isCount).map(Number);
  let step = "starting";
  const endProgress = showProgress("Measuring", () => [step]);
  const options: Options = {
    sizes: sizes.length > 0 ? sizes : undefined,
    latency: Number(values.latency),
    onStep: (next) => {
      step = next;
    },
  };
  try {
    const machine = await describeMachine();
    for (const [name, measure] of parts) {
      if (words.length > 0 && !words.includes(name)) continue;
      console.log(`\n## ${name}\n\n${await measure(options)}\n\n*${machine}*`);
    }
  } finally {
    endProgress();
  }
}

function isCount(word: string): boolean {
  return /^\d+$/.test(word);
}

/** Describes the machine and the versions that were measured. */
async function describeMachine(): Promise<string> {
  const { version } = await ensurePulumi();
  // The provider's own dependencies. The checkout can contain other copies.
  const provider = createRequire(createRequire(__filename).resolve("pulumi-dashscope"));
  const versions = ["@pulumi/pulumi", "undici", "pulumi-dashscope"].map((name) => {
    const manifest: { version: string } = JSON.parse(
      readFileSync(provider.resolve(`${name}/package.json`), "utf8"),
    );
    return `${name} ${manifest.version}`;
  });
  return [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${type()}`,
    `Node.js ${process.versions.node}`,
    `Pulumi CLI ${version}`,
    ...versions,
  ].join(" · ");
}

main().catch(reportFailure);
