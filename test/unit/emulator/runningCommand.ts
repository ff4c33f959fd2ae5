import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, jest } from "@jest/globals";

// A busy machine must not fail what is only slow.
jest.setTimeout(30_000);

const started: Command[] = [];

afterEach(() => {
  for (const command of started.splice(0)) command.kill("SIGKILL");
});

/** The `dashscope-emulator` command, run from its source, and ended with the test. */
export class Command {
  readonly #process: ChildProcess;
  output = "";
  errors = "";

  constructor(...args: string[]) {
    const source = join(__dirname, "../../../emulator/src/cli.ts");
    this.#process = spawn(process.execPath, ["--require", "tsx/cjs", source, ...args]);
    this.#process.stdout?.on("data", (text: Buffer) => {
      this.output += text.toString();
    });
    this.#process.stderr?.on("data", (text: Buffer) => {
      this.errors += text.toString();
    });
    started.push(this);
  }

  /** Waits until it listens, and gives its base URL. */
  async url(): Promise<string> {
    while (!this.output.includes("/_emulator\n")) {
      if (this.#process.exitCode !== null) throw new Error(`It ended: ${this.errors}`);
      await sleep(10);
    }
    return /DASHSCOPE_HTTP_BASE_URL=(\S+)/.exec(this.output)?.[1] ?? "";
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits until it has ended, and gives its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, "close");
    return this.#process.exitCode;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }
}
