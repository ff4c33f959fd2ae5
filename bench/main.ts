/** `npm run bench`: what the provider costs beside the engine's own work. `npm run bench -- --help` tells more. */
import { readFile, writeFile } from "node:fs/promises";
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
  --write      writes docs/benchmarks.md, though only a part is measured
  --growth     only: what large stacks cost, and writes the table in docs/large-stacks.md`;

const command = "npm run bench";
const report = join(checkout, "docs/benchmarks.md");
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
    if (asked.growth) {
      await writeTable(largeStacks, `${await describeMachine()}.\n\n${await measureGrowth(onStep)}`);
      return;
    }
    const started = performance.now();
    const sections = await compare(onStep);
    const minutes = Math.ceil((performance.now() - started) / 60_000);
    const head = `${await describeMachine()}. It took ${minutes} minutes.`;
    console.log(`\n${head}`);
    const isWhole = process.argv.length === 2;
    if (isWhole || asked.write) await writeFile(report, page(head, sections));
  } finally {
    endProgress();
  }
}

/** The parts that are asked for, with our targets. */
async function compare(onStep: (step: string) => void): Promise<string[]> {
  const all = !asked.lives && !asked.loading && !asked.client && !asked.emulator;
  const sections: string[] = [];
  const verdicts: Verdict[] = [];
  const add = (section: string, ...judged: Verdict[]) => {
    console.log(`\n${section}`);
    sections.push(section);
    verdicts.push(...judged);
  };
  if (all || asked.loading) {
    const loading = await compareLoading(onStep);
    add(reportLoading(loading), judgeLoading(loading));
  }
  if (all || asked.client) {
    const throughputs = [await compareClients(8, onStep), await compareClients(64, onStep)];
    add(reportClients(throughputs), ...throughputs.map(judgeClient));
  }
  if (all || asked.emulator) add(reportEmulator(await measureEmulator(onStep)));
  if (all || asked.lives) {
    for (const setting of settings()) {
      const comparison = await compareLives(setting, (step) =>
        onStep(`${setting.size} × ${setting.latency} ms, ${step}`),
      );
      add(reportLives(comparison), ...judgeLives(comparison));
    }
  }
  if (verdicts.length === 0) return sections;
  const targets = reportTargets(verdicts);
  console.log(`\n${targets}`);
  return [targets, ...sections];
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

/** Puts a table in its place in a page that people have written. */
async function writeTable(file: string, table: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const place = /(<!-- measured -->\n).*?(<!-- \/measured -->)/s;
  await writeFile(
    file,
    text.replace(place, (_, begin, end) => `${begin}\n${table}\n\n${end}`),
  );
}

function page(head: string, sections: readonly string[]): string {
  return `${[
    "# Benchmarks",
    `Written by \`${command}\`: do not edit.`,
    head,
    "*Ours* is this provider. *Textbook* is [a dynamic provider as Pulumi's documentation shows it](../bench/textbook/thread.ts): an object of hooks that is serialised, with `fetch`. *Floor* is [hooks that return at once](../bench/floor/hooks.ts) and send nothing: the engine's own cost. All three run on the real engine with a local file backend, phase by phase in turns, so that only the ratios matter. Times include the start of the CLI; the host's memory is its peak (Linux only).",
    ...sections,
  ].join("\n\n")}\n`;
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
