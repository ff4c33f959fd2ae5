import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { closedEngine, withEnvironment } from "../scripts/engine/environment";
import { leaveOutSummaries } from "../scripts/engine/lean";
import { ensurePulumi } from "../scripts/pulumi-cli";
import { build, checkout } from "./compiled";
import { type Contender, programOf } from "./contender";
import { hooksPackage } from "./floor/thread";
import { HostMemory } from "./host-memory";
import { operations, type Phase } from "./phases";
import type { Server } from "./server";
import { type StateSize, stateSize } from "./state-size";

/** What one phase of one contender took. */
export interface Measured {
  readonly seconds: number;
  readonly requests: number;
  /** Resident memory of the host process in bytes, at its peak. */
  readonly hostPeak: number;
  /** What it left behind. */
  readonly state: StateSize;
}

const project = "bench";

/** The threads of one contender, as a stack on the real engine with a local file backend. */
export class BenchStack {
  readonly contender: Contender;
  readonly #stack: Stack;
  readonly #folder: string;
  readonly #count: number;
  readonly #server: Server;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(
    contender: Contender,
    setting: { stack: Stack; folder: string; count: number; server: Server; env: Record<string, string> },
  ) {
    this.contender = contender;
    this.#stack = setting.stack;
    this.#folder = setting.folder;
    this.#count = setting.count;
    this.#server = setting.server;
    this.#env = setting.env;
  }

  static async open(
    contender: Contender,
    count: number,
    server: Server,
    more: Record<string, string> = {},
  ): Promise<BenchStack> {
    const pulumiCommand = await ensurePulumi();
    const parent = join(checkout, ".local/bench");
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, `${contender.name}-`));
    build("bench/floor/hooks.ts", join(folder, "node_modules", hooksPackage, "index.js"));
    const env = {
      HOME: folder,
      ...closedEngine(folder),
      DASHSCOPE_API_KEY: "sk-bench",
      DASHSCOPE_HTTP_BASE_URL: server.url,
      DASHSCOPE_SILENCE_DEPRECATION: "true",
      ...more,
    };
    const stack = await inEnvironment(env, () =>
      LocalWorkspace.createStack(
        { projectName: project, stackName: "bench", program: programOf(contender, count, "first") },
        { workDir: folder, pulumiCommand, projectSettings: { name: project, runtime: "nodejs" } },
      ),
    );
    leaveOutSummaries(stack);
    return new BenchStack(contender, { stack, folder, count, server, env });
  }

  async measure(phase: Phase): Promise<Measured> {
    const { edition, operate } = operations[phase];
    this.#stack.workspace.program = programOf(this.contender, this.#count, edition);
    await this.#server.requests();
    const memory = new HostMemory(this.#folder);
    const started = performance.now();
    try {
      await inEnvironment(this.#env, () => operate(this.#stack));
    } finally {
      memory.stop();
    }
    return {
      seconds: (performance.now() - started) / 1000,
      requests: await this.#server.requests(),
      hostPeak: memory.peak,
      state: await stateSize(join(this.#folder, ".pulumi/stacks", project, "bench.json")),
    };
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function inEnvironment<T>(env: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  return withEnvironment(env, /^(DASHSCOPE|PULUMI)_/, work);
}
