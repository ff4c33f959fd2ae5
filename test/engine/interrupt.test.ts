import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { listTree } from "../../scripts/quickstart/process-tree";
import { describeEngine } from "./setup";

const checkout = join(__dirname, "../..");
const launcher = join(checkout, "scripts/quickstart/launcher.ts");

/** The quickstart, with an emulator that creates the thread slowly. */
const program = `
import * as dashscope from "pulumi-dashscope";
const url = new URL("/_emulator/faults", process.env["DASHSCOPE_HTTP_BASE_URL"]);
const body = JSON.stringify([{ kind: "delay", ms: Number(process.env["CREATION_TAKES"]), verb: "create" }]);
void fetch(url, { method: "PUT", headers: { "content-type": "application/json" }, body });
export const threadId = new dashscope.Thread("support", { metadata: { env: "dev" } }).id;
`;

class Started {
  output = "";
  readonly exitCode: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(process: ChildProcess) {
    this.#process = process;
    this.exitCode = once(process, "close").then(([exitCode]) => exitCode);
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on("data", (data) => {
        this.output += stripVTControlCharacters(String(data));
      });
    }
  }

  async waitFor(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.#process.exitCode !== null) throw new Error(`It ended without "${text}":\n${this.output}`);
      await sleep(50);
    }
  }

  /** Lists its processes: the worker with the emulator, the CLI and the hosts. */
  listProcesses(): number[] {
    return this.#process.pid === undefined ? [] : listTree(this.#process.pid);
  }

  /** Sends a signal to the whole group, as a terminal does. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, signal);
  }
}

/** Lists the processes that still run. One that has ended but isn't reaped doesn't count. */
function listRunning(pids: readonly number[]): string[] {
  const { stdout } = spawnSync("ps", ["-o", "stat=,args=", "-p", pids.join(",")], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "" && !line.startsWith("Z"));
}

describeEngine("an interrupt", () => {
  let folder: string;

  beforeEach(async () => {
    await mkdir(join(checkout, ".local"), { recursive: true });
    folder = await mkdtemp(join(checkout, ".local/interrupt-"));
    await cp(join(checkout, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await mkdir(join(folder, "examples/quickstart"), { recursive: true });
    await writeFile(join(folder, "examples/quickstart/index.ts"), program);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Starts it as a terminal does: as the leader of the process group that gets ^C. */
  function start(creationTakes: number): Started {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(DASHSCOPE|PULUMI)_/.test(name)),
    );
    return new Started(
      spawn(process.execPath, ["--require", "tsx/cjs", launcher, "start"], {
        cwd: folder,
        env: { ...env, CREATION_TAKES: `${creationTakes}` },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  }

  test("an interrupted run finishes what it began, and leaves neither a process nor a locked stack", async () => {
    const interrupted = start(3_000);
    await interrupted.waitFor("support creating");
    const started = interrupted.listProcesses();
    expect(started.length).toBeGreaterThan(3);
    interrupted.signal("SIGINT");
    // npm passes on the signal that its child already has.
    interrupted.signal("SIGINT");
    expect(await interrupted.exitCode).toBe(130);
    expect(interrupted.output).toContain("support created");
    expect(listRunning(started)).toEqual([]);

    const next = start(0);
    expect(await next.exitCode).toBe(0);
    expect(next.output).not.toContain("locked");
    expect(next.output).toContain("2 unchanged");
  });

  test("a second interrupt kills the run, and the next run unlocks the stack", async () => {
    const killed = start(60_000);
    await killed.waitFor("support creating");
    const started = killed.listProcesses();
    killed.signal("SIGINT");
    await killed.waitFor("received; cancelling");
    await sleep(1_200);
    killed.signal("SIGINT");
    expect(await killed.exitCode).not.toBe(0);
    expect(listRunning(started)).toEqual([]);

    const next = start(0);
    expect(await next.exitCode).toBe(0);
    expect(next.output).toContain("unlocking it");
    expect(next.output).toContain("1 created");
  });
});
