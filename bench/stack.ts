import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { closedEngine } from "../scripts/engine/environment";
import { build, checkout } from "./compiled";
import type { ContenderName } from "./contender";
import { hooksPackage } from "./floor/thread";
import { HostMemory } from "./host-memory";
import type { Operation } from "./operation";
import type { Phase } from "./phases";
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

/** The threads of one contender, as a stack on the real engine with a local file backend. */
export class BenchStack {
  readonly contender: ContenderName;
  readonly #operation: Omit<Operation, "phase">;
  readonly #server: Server;

  private constructor(operation: Omit<Operation, "phase">, server: Server) {
    this.contender = operation.contender;
    this.#operation = operation;
    this.#server = server;
  }

  static async open(
    contender: ContenderName,
    count: number,
    server: Server,
    more: Record<string, string> = {},
  ): Promise<BenchStack> {
    const parent = join(checkout, ".local/bench");
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, `${contender}-`));
    build("bench/floor/hooks.ts", join(folder, "node_modules", hooksPackage, "index.js"));
    const env = {
      HOME: folder,
      ...closedEngine(folder),
      DASHSCOPE_API_KEY: "sk-bench",
      DASHSCOPE_HTTP_BASE_URL: server.url,
      DASHSCOPE_SILENCE_DEPRECATION: "true",
      ...more,
    };
    return new BenchStack({ contender, count, folder, name: "bench", env }, server);
  }

  async measure(phase: Phase): Promise<Measured> {
    const { folder, name } = this.#operation;
    await this.#server.requests();
    const memory = new HostMemory(folder);
    try {
      return {
        seconds: await secondsOf({ ...this.#operation, phase }),
        requests: await this.#server.requests(),
        hostPeak: memory.peak,
        state: await stateSize(join(folder, ".pulumi/stacks", name, `${name}.json`)),
      };
    } finally {
      memory.stop();
    }
  }

  async close(): Promise<void> {
    await rm(this.#operation.folder, { recursive: true, force: true });
  }
}

async function secondsOf(operation: Operation): Promise<number> {
  const program = join(checkout, "bench/operation.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--require", "tsx/cjs", program, JSON.stringify(operation)],
    { cwd: checkout },
  );
  return Number(stdout);
}
