/** `npm run bench`: what the provider costs beside the engine's own work. `npm run bench -- --help` tells more. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensurePulumi } from "../scripts/pulumi-cli";
import { showProgress } from "../scripts/pulumi-cli/progress";
import { say } from "../scripts/say";
import { compareClients } from "./client";
import { checkout } from "./compiled";
import { measureEmulator } from "./emulator";
import { measureGrowth } from "./growth";
import { compareLives, type Setting } from "./lifecycle";
import { compareLoading } from "./loading";
import { describeMachine } from "./machine";
import { writePart, writeTable } from "./page";
import { reportClients, reportEmulator, reportLives, reportLoading, reportTargets } from "./report";
import { judgeClient, judgeLives, judgeLoading, type Verdict } from "./targets";

const help = `npm run bench [-- options]

Without options it measures lives, loading, client and emulator, and writes docs/benchmarks.md.

  --lives      only: previews, ups, refreshes and destroys on the real engine
    --sizes 1,100       of so many threads
    --latencies 0,50    on a server that takes so many milliseconds
  --loading    only: how long Pulumi's host takes to load our hooks
  --client     only: how many creates a second our client makes
  --emulator   only: how many calls a second the emulator answers
  --write      writes what is measured to docs/benchmarks.md, and leaves its other parts as they are
  --growth     only: what large stacks cost, and writes the table in docs/large-stacks.md`;

const benchmarks = join(checkout, "docs/benchmarks.md");
const largeStacks = join(checkout, "docs/large-stacks.md");

const { values: asked } = parseArgs({
  options: {
    help: { type: "boolean" },
    lives: { type: "boolean" },
    sizes: { type: "string", default: "1,100,1000" },
    latencies: { type: "string", default: "0,50" },
    loading: { type: "boolean" },
    client: { type: "boolean" },
    emulator: { type: "boolean" },
    write: { type: "boolean" },
    growth: { type: "boolean" },
  },
});

async function main(): Promise<void> {
  if (asked.help) {
    console.log(help);
    return;
  }
  await ensurePulumi();
  let step = "";
  const endProgress = showProgress("Measuring", () => [step]);
  const onStep = (next: string) => {
    step = next;
  };
  try {
    const machine = await describeMachine();
    if (asked.growth) {
      await measureGrowth(onStep, (table) => writeTable(largeStacks, `${machine}.\n\n${table}`));
    } else await compare(machine, onStep);
  } finally {
    endProgress();
  }
}

/** Measures the parts that are asked for, and holds them against our targets. */
async function compare(machine: string, onStep: (step: string) => void): Promise<void> {
  const all = !asked.lives && !asked.loading && !asked.client && !asked.emulator;
  const isWhole = process.argv.length === 2;
  const report = async (section: string, verdicts: readonly Verdict[]) => {
    const targets = verdicts.length === 0 ? [] : [reportTargets(verdicts)];
    const part = [section, ...targets, `*${machine}*`].join("\n\n");
    console.log(`\n${part}`);
    if (isWhole || asked.write) await writePart(benchmarks, part);
  };
  if (all || asked.loading) {
    const loading = await compareLoading(onStep);
    await report(reportLoading(loading), [judgeLoading(loading)]);
  }
  if (all || asked.client) {
    const throughputs = [await compareClients(8, onStep), await compareClients(64, onStep)];
    await report(reportClients(throughputs), throughputs.map(judgeClient));
  }
  if (all || asked.emulator) await report(reportEmulator(await measureEmulator(onStep)), []);
  if (all || asked.lives) {
    for (const setting of settings()) {
      const comparison = await compareLives(setting, (step) =>
        onStep(`${setting.size} × ${setting.latency} ms, ${step}`),
      );
      await report(reportLives(comparison), judgeLives(comparison));
    }
  }
}

function settings(): Setting[] {
  return numbers(asked.sizes).flatMap((size) =>
    numbers(asked.latencies).map((latency) => ({ size, latency, repetitions: repetitionsOf(size) })),
  );
}

/** Small stacks are quick to repeat, and need it. */
function repetitionsOf(size: number): number {
  return size < 1000 ? 3 : 1;
}

function numbers(list: string): number[] {
  return list.split(",").map((text) => {
    if (!/^\d+$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a number. See --help.`);
    return Number(text);
  });
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
