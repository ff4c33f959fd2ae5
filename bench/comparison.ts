import type { Phase } from "./phases";
import { startServer } from "./server";
import { type BenchStack, type Contender, type Measurement, openStack } from "./stack";
import { computeMedian, formatNumber, formatRatio, formatTable } from "./table";

/** What is compared, and under which conditions. */
export interface Setting {
  /** The first one is compared with each of the others. */
  readonly contenders: readonly Contender[];
  readonly phases: readonly Phase[];
  /** How many threads. */
  readonly size: number;
  /** Milliseconds by which the server delays each answer. */
  readonly latency: number;
  readonly onStep: (step: string) => void;
}

interface Sample extends Measurement {
  readonly name: string;
  readonly count: number;
  readonly phase: Phase;
}

/**
 * Compares contenders on one server and formats the results. They take turns in each phase, so that a disturbance of the machine
 * affects all of them.
 */
export async function compareStacks(setting: Setting): Promise<string> {
  const { contenders, phases, size, latency, onStep } = setting;
  const rounds = size < 1000 ? 3 : 1;
  const server = await startServer("--latency", String(latency));
  const samples: Sample[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const stacks: BenchStack[] = [];
      for (const contender of contenders) stacks.push(await openStack(contender, size, server));
      try {
        for (const phase of phases) {
          for (const stack of rotate(stacks, round)) {
            const { name } = stack.contender;
            onStep(`${size} threads, ${latency} ms, round ${round + 1} of ${rounds}, ${phase}: ${name}`);
            samples.push({ name, count: stack.count, phase, ...(await stack.measure(phase)) });
          }
        }
      } finally {
        await Promise.all(stacks.map((stack) => stack.close()));
      }
    }
  } finally {
    await server.stop();
  }
  return formatComparison(setting, samples, rounds);
}

function formatComparison(setting: Setting, samples: readonly Sample[], rounds: number): string {
  const { phases, size, latency } = setting;
  const names = setting.contenders.map(({ name }) => name);
  const [first = "", ...others] = names;
  const select = (name: string, phase: Phase) =>
    samples.filter((sample) => sample.name === name && sample.phase === phase);
  const getSeconds = (name: string, phase: Phase) =>
    computeMedian(select(name, phase).map(({ seconds }) => seconds));
  const times = formatTable(
    ["", ...names.map((name) => `${name}, s`), ...others.map((name) => `${first} ÷ ${name}`)],
    phases.map((phase) => [
      phase,
      ...names.map((name) => formatNumber(getSeconds(name, phase))),
      ...others.map((name) => formatRatio(getSeconds(first, phase), getSeconds(name, phase))),
    ]),
  );
  const costs = formatTable(
    ["", `requests a thread (${phases.join(", ")})`, "state bytes a thread", "peak memory of the host, MB"],
    names.map((name) => [
      name,
      phases
        .map((phase) =>
          formatNumber(computeMedian(select(name, phase).map(({ requests, count }) => requests / count))),
        )
        .join(", "),
      formatNumber(computeMedian(select(name, "up").map(({ stateBytes, count }) => stateBytes / count))),
      formatNumber(
        Math.max(
          ...samples.filter((sample) => sample.name === name).map(({ hostPeak }) => hostPeak / 2 ** 20),
        ),
      ),
    ]),
  );
  const title = `${size.toLocaleString("en")} ${size === 1 ? "thread" : "threads"}, answers after ${latency} ms`;
  return [`### ${title}${rounds > 1 ? `, medians of ${rounds}` : ""}`, times, costs].join("\n\n");
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
