import { type ContenderName, contenderNames } from "./contender";
import { median } from "./median";
import { operations, type Phase, phases } from "./phases";
import { startServer } from "./server";
import { BenchStack, type Measured } from "./stack";

/** How much is measured, and under which conditions. */
export interface Setting {
  /** How many threads. */
  readonly size: number;
  /** Milliseconds by which the server holds each answer back. */
  readonly latency: number;
  /** How many lives of each contender. */
  readonly repetitions: number;
}

interface Sample extends Measured {
  readonly contender: ContenderName;
  readonly phase: Phase;
}

/** All that was measured under one setting. */
export class Comparison {
  readonly setting: Setting;
  readonly #samples: readonly Sample[];

  constructor(setting: Setting, samples: readonly Sample[]) {
    this.setting = setting;
    this.#samples = samples;
  }

  /** The medians of a contender in a phase; `undefined` when it did not take part. */
  of(contender: ContenderName, phase: Phase): Measured | undefined {
    const samples = this.#samples.filter(
      (sample) => sample.contender === contender && sample.phase === phase,
    );
    if (samples.length === 0) return undefined;
    const middle = (value: (sample: Sample) => number) => median(samples.map(value));
    return {
      seconds: middle(({ seconds }) => seconds),
      requests: middle(({ requests }) => requests),
      hostPeak: middle(({ hostPeak }) => hostPeak),
      state: {
        bytes: middle(({ state }) => state.bytes),
        declaredBytes: middle(({ state }) => state.declaredBytes),
      },
    };
  }
}

/**
 * Leads the contenders through their lives, phase by phase in turns, so that what disturbs the machine disturbs each of
 * them; another one begins in each repetition.
 */
export async function compareLives(setting: Setting, onStep: (step: string) => void): Promise<Comparison> {
  const server = await startServer("--latency", String(setting.latency));
  const samples: Sample[] = [];
  try {
    for (let repetition = 0; repetition < setting.repetitions; repetition++) {
      const stacks = await Promise.all(
        contenderNames.map((contender) => BenchStack.open(contender, setting.size, server)),
      );
      for (const phase of phases) {
        for (let turn = 0; turn < turnsOf(phase, setting); turn++) {
          for (const stack of rotated(stacks, repetition + turn)) {
            if (isTooLong(stack.contender, setting, phase)) continue;
            onStep(`life ${repetition + 1} of ${setting.repetitions}, ${phase} of ${stack.contender}`);
            samples.push({ contender: stack.contender, phase, ...(await stack.measure(phase)) });
          }
        }
      }
      await Promise.all(stacks.map((stack) => stack.close()));
    }
  } finally {
    await server.stop();
  }
  return new Comparison(setting, samples);
}

/** Whatever can be, is measured three times at least: in three lives, or else in one. */
function turnsOf(phase: Phase, { repetitions }: Setting): number {
  return operations[phase].repeatable ? Math.ceil(3 / repetitions) : 1;
}

/** A large stack of the textbook's takes minutes a phase: it is held against ours up to the first `up` without latency. */
function isTooLong(name: ContenderName, { size, latency }: Setting, phase: Phase): boolean {
  return name === "textbook" && size >= 1000 && (latency > 0 || phases.indexOf(phase) > phases.indexOf("up"));
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
