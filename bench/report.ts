import type { Throughput } from "./client";
import { contenderNames as names } from "./contender";
import type { EmulatorTimings } from "./emulator";
import type { Comparison } from "./lifecycle";
import type { Loading } from "./loading";
import { figure, megabytes, ratio, table, threads } from "./markdown";
import { phases } from "./phases";
import type { Verdict } from "./targets";

/** Seconds of each phase under one setting, and what came with them. */
export function reportLives(comparison: Comparison): string {
  const { size, latency, repetitions } = comparison.setting;
  const head = [
    "",
    ...names.map((name) => `${name}, s`),
    "ours / floor",
    "ours / textbook",
    ...names.map((name) => `host, MB: ${name}`),
    "requests a thread: ours",
    "requests a thread: textbook",
  ];
  const rows = phases.map((phase) => {
    const [ours, textbook, floor] = names.map((name) => comparison.of(name, phase));
    return [
      phase,
      ...[ours, textbook, floor].map((measured) => figure(measured?.seconds)),
      ratio(ours?.seconds, floor?.seconds),
      ratio(ours?.seconds, textbook?.seconds),
      ...[ours, textbook, floor].map((measured) => megabytes(measured?.hostPeak)),
      ...[ours, textbook].map((measured) => figure(measured && measured.requests / size)),
    ];
  });
  const [ours, textbook, floor] = names.map((name) => comparison.of(name, "up")?.state);
  const lives =
    repetitions === 1
      ? "One life; what changes nothing was measured three times, and is a median."
      : `Medians of ${repetitions} lives.`;
  const state = [
    `State bytes a thread: ours ${figure(ours?.bytes)} (${figure(ours?.declaredBytes)} without what is output)`,
    ...(textbook ? [`textbook ${figure(textbook.bytes)}`] : []),
    `floor ${figure(floor?.bytes)}`,
  ].join(", ");
  return [`## ${threads(size)}, answers after ${latency} ms`, table(head, rows), `${lives} ${state}.`].join(
    "\n\n",
  );
}

/** Milliseconds in the real host. */
export function reportLoading({ ours, empty, more }: Loading): string {
  const row = (name: string, key: keyof Loading["ours"]) => [
    name,
    ...[ours, empty, more].map((sample) => figure(sample[key])),
  ];
  return [
    "## Loading, in Pulumi's host",
    table(
      ["", "ours, ms", "empty handler, ms", "more, ms"],
      [row("process start to the first check", "toCheck"), row("from there to the first create", "toCreate")],
    ),
  ].join("\n\n");
}

/** Creates a second. */
export function reportClients(throughputs: readonly Throughput[]): string {
  return [
    "## The client alone, creates a second",
    table(
      ["at once", "ours", "bare undici", "ours / bare"],
      throughputs.map(({ concurrency, ours, bare, ratio: ofRounds }) => [
        String(concurrency),
        figure(ours),
        figure(bare),
        ofRounds.toFixed(2),
      ]),
    ),
  ].join("\n\n");
}

/** Calls a second, and how long one takes while 64 are under way. */
export function reportEmulator({ calls, full }: EmulatorTimings): string {
  return [
    "## The emulator",
    table(
      ["", "a second", "median, ms", "99th percentile, ms"],
      calls.map(({ name, perSecond, median, p99 }) => [name, figure(perSecond), figure(median), figure(p99)]),
    ),
    `The full file has ${threads(full.threads)} and ${full.messages.toLocaleString("en")} messages more, in ${megabytes(full.bytes)} MB; with it the emulator starts in ${figure(full.startup)} ms.`,
  ].join("\n\n");
}

export function reportTargets(verdicts: readonly Verdict[]): string {
  return [
    table(
      ["", "measured", ""],
      verdicts.map(({ target, measured, met }) => [target, measured, met ? "met" : "**not met**"]),
    ),
  ].join("\n\n");
}
