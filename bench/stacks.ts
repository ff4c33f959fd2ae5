import { compareStacks } from "./comparison";
import { type Phase, phases } from "./phases";
import type { Contender } from "./stack";

/** What the command line says about a part. */
export interface Options {
  /** Numbers of threads. */
  readonly sizes: readonly number[] | undefined;
  /** Milliseconds by which the server delays each answer. */
  readonly latency: number;
  readonly onStep: (step: string) => void;
}

const changingPhases = phases.filter((phase) => phase !== "preview");

/** The size above which one `Thread` each takes too long: the file backend writes the whole state at each step. */
const mostThreads = 1000;

/** Compares `Thread` with the one of the provider plugin, with a dynamic provider after Pulumi's documentation, and with hooks that do nothing: the engine's own cost. */
export function measureStacks(options: Options): Promise<string> {
  return measureSizes(options, [1, 100], phases, () => [
    { name: "Thread", tool: "Thread" },
    { name: "plugin", tool: "Thread of the plugin" },
    { name: "dynamic provider", tool: "dynamic provider" },
    { name: "empty hooks", tool: "empty hooks" },
  ]);
}

/**
 * Compares `ThreadSet` with empty hooks that record the same (what the SDK and the engine take), with that of the plugin, as many
 * `Thread`s, alchemy, and one `Thread`. The CLI logs every property.
 */
export function measureFleets(options: Options): Promise<string> {
  return measureSizes(options, [1000], changingPhases, (size) => [
    { name: "ThreadSet", tool: "ThreadSet" },
    { name: "empty hooks", tool: "set of empty hooks" },
    { name: "ThreadSet without the CLI's log", tool: "ThreadSet", withoutLog: true },
    { name: "empty hooks without the CLI's log", tool: "set of empty hooks", withoutLog: true },
    { name: "ThreadSet of the plugin", tool: "ThreadSet of the plugin" },
    ...(size <= mostThreads ? [{ name: "Thread", tool: "Thread" } satisfies Contender] : []),
    { name: "alchemy 0.94", tool: "alchemy" },
    { name: "one Thread", tool: "Thread", count: 1 },
  ]);
}

/** Compares the settings of the file backend. */
export function measureBackends(options: Options): Promise<string> {
  return measureSizes(options, [250, 500], changingPhases, () => [
    { name: "default", tool: "Thread" },
    { name: "gzip", tool: "Thread", env: { PULUMI_DIY_BACKEND_GZIP: "true" } },
    { name: "no backups", tool: "Thread", env: { PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true" } },
    { name: "no checkpoints", tool: "Thread", env: { PULUMI_SKIP_CHECKPOINTS: "true" } },
  ]);
}

async function measureSizes(
  { sizes, latency, onStep }: Options,
  defaultSizes: readonly number[],
  measuredPhases: readonly Phase[],
  listContenders: (size: number) => readonly Contender[],
): Promise<string> {
  const sections: string[] = [];
  for (const size of sizes ?? defaultSizes) {
    const contenders = listContenders(size);
    sections.push(await compareStacks({ contenders, phases: measuredPhases, size, latency, onStep }));
  }
  return sections.join("\n\n");
}
