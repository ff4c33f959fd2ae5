import { figure, megabytes, table } from "./markdown";
import type { Phase } from "./phases";
import { startServer } from "./server";
import { BenchStack, type Measured } from "./stack";

/** One way in which a stack of ours is kept. */
interface Keeping {
  readonly name: string;
  readonly env: Record<string, string>;
  readonly sizes: readonly number[];
}

const keepings: readonly Keeping[] = [
  { name: "as it is", env: {}, sizes: [250, 500] },
  { name: "PULUMI_DIY_BACKEND_GZIP=true", env: { PULUMI_DIY_BACKEND_GZIP: "true" }, sizes: [250] },
  {
    name: "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true",
    env: { PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true" },
    sizes: [250],
  },
  {
    name: "PULUMI_SKIP_CHECKPOINTS=true",
    env: { PULUMI_SKIP_CHECKPOINTS: "true" },
    sizes: [1000, 10_000],
  },
];

const measuredPhases: readonly Phase[] = ["up", "no-op up", "refresh", "destroy"];

/** What large stacks of ours cost in a file, by the settings of the backend: a table, handed over anew with each row. */
export async function measureGrowth(
  onStep: (step: string) => void,
  onTable: (table: string) => Promise<void>,
): Promise<void> {
  const rows: string[][] = [];
  for (const { name, env, sizes } of keepings) {
    for (const size of sizes) {
      const server = await startServer();
      const stack = await BenchStack.open("ours", size, server, env);
      const lives: Measured[] = [];
      for (const phase of measuredPhases) {
        onStep(`${name}, ${size} threads, ${phase}`);
        lives.push(await stack.measure(phase));
      }
      await stack.close();
      await server.stop();
      rows.push([
        name,
        size.toLocaleString("en"),
        ...lives.map(({ seconds }) => `${figure(seconds)} (${figure((seconds * 1000) / size)})`),
        figure(lives[0]?.state.bytes),
        megabytes(Math.max(...lives.map(({ hostPeak }) => hostPeak))),
      ]);
      await onTable(table(head, rows));
    }
  }
}

const head = [
  "",
  "threads",
  ...measuredPhases.map((phase) => `${phase}, s (ms a thread)`),
  "state bytes a thread",
  "host, MB",
];
