import { availableParallelism } from "node:os";
import { requests as requestsOfThread } from "../test/budget/budgets";
import type { Throughput } from "./client";
import type { ContenderName } from "./contender";
import type { Comparison } from "./lifecycle";
import type { Loading } from "./loading";
import { threads } from "./markdown";
import { type Phase, phases } from "./phases";

/** One thing that we want to be true, and what was measured. */
export interface Verdict {
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

/** How many operations the engine runs at once unless told otherwise. */
const enginesParallelism = 4 * availableParallelism();

/** The targets that hold for a comparison's setting. */
export function judgeLives(comparison: Comparison): Verdict[] {
  const { size, latency } = comparison.setting;
  const where = `${threads(size)}, ${latency} ms`;
  return [
    ...(size === 1000 && latency === 0 ? againstFloor(comparison, where) : []),
    ...(size === 1000 && latency === 0 ? againstTextbook(comparison, where) : []),
    ...(size === 100 && latency === 50 ? latencyHidden(comparison, where) : []),
    ...(size >= 100 ? stateOf(comparison, where) : []),
    ...requests(comparison, where),
  ];
}

export function judgeLoading({ more }: Loading): Verdict {
  const measured = Math.round(more.toCheck);
  return {
    target: "to the first check: ≤ 40 ms more than an empty handler",
    measured: `${measured} ms`,
    met: measured <= 40,
  };
}

export function judgeClient({ concurrency, ratio }: Throughput): Verdict {
  return {
    target: `creates a second, ${concurrency} at once: ≥ 0.90 × bare undici`,
    measured: `${ratio.toFixed(2)} ×`,
    met: ratio >= 0.9,
  };
}

function againstFloor(comparison: Comparison, where: string): Verdict[] {
  const phases = ["up", "no-op up", "refresh", "destroy"] as const;
  return phases.map((phase) => atMost(comparison, where, phase, 1.1, "floor"));
}

function againstTextbook(comparison: Comparison, where: string): Verdict[] {
  return [atMost(comparison, where, "up", 0.4, "textbook")];
}

function atMost(
  comparison: Comparison,
  where: string,
  phase: Phase,
  limit: number,
  than: "floor" | "textbook",
): Verdict {
  const measured = secondsOf(comparison, "ours", phase) / secondsOf(comparison, than, phase);
  return {
    target: `${where}: ${phase} ≤ ${limit.toFixed(2)} × ${than}`,
    measured: `${measured.toFixed(2)} ×`,
    met: measured <= limit,
  };
}

/** The answers of all threads must be waited for together, as many at once as the engine runs. */
function latencyHidden(comparison: Comparison, where: string): Verdict[] {
  const { size, latency } = comparison.setting;
  const waited = ((size / enginesParallelism) * latency) / 1000;
  const more = secondsOf(comparison, "ours", "up") - secondsOf(comparison, "floor", "up");
  return [
    {
      target: `${where}: up ≤ floor + 1.15 × ${size} / ${enginesParallelism} × ${latency} ms = floor + ${(1.15 * waited).toFixed(2)} s`,
      measured: `floor + ${more.toFixed(2)} s`,
      met: more <= 1.15 * waited,
    },
  ];
}

function stateOf(comparison: Comparison, where: string): Verdict[] {
  const ours = comparison.of("ours", "up")?.state.declaredBytes ?? Number.NaN;
  const floor = comparison.of("floor", "up")?.state.bytes ?? Number.NaN;
  return [
    {
      target: `${where}: state without what is output ≤ 1.05 × floor`,
      measured: `${(ours / floor).toFixed(2)} ×`,
      met: ours / floor <= 1.05,
    },
  ];
}

function requests(comparison: Comparison, where: string): Verdict[] {
  const { size } = comparison.setting;
  const expected = Object.values(requestsOfThread).join(", ");
  const measured = phases.map((phase) => (comparison.of("ours", phase)?.requests ?? Number.NaN) / size);
  return [
    {
      target: `${where}: requests a thread, phase by phase: ${expected}`,
      measured: measured.join(", "),
      met: measured.join(", ") === expected,
    },
  ];
}

function secondsOf(comparison: Comparison, contender: ContenderName, phase: Phase): number {
  return comparison.of(contender, phase)?.seconds ?? Number.NaN;
}
