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

/** The quickstart, with an emulator that takes its time to create the thread. */
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

  async has(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.#process.exitCode !== null) throw new Error(`It ended without "${text}":\n${this.output}`);
      await sleep(50);
    }
  }

  /** The worker with the emulator in it, the CLI, the hosts: whatever was started for it. */
  processes(): number[] {
    return this.#process.pid === undefined ? [] : listTree(this.#process.pid);
  }

  /** To the whole group, as a terminal does. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, signal);
  }
}

/** Which of them still run. One that has ended, and whose parent has not noticed, does not. */
function left(pids: readonly number[]): string[] {
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

  /** As a terminal runs it: the leader of the process group that ^C goes to. */
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

  test("lets what has begun finish, and leaves neither a process nor a locked stack", async () => {
    const interrupted = start(3_000);
    await interrupted.has("support creating");
    const started = interrupted.processes();
    expect(started.length).toBeGreaterThan(3);
    interrupted.signal("SIGINT");
    interrupted.signal("SIGINT"); // as npm does, which passes on what its child has already got
    expect(await interrupted.exitCode).toBe(130);
    expect(interrupted.output).toContain("support created");
    expect(left(started)).toEqual([]);

    const next = start(0);
    expect(await next.exitCode).toBe(0);
    expect(next.output).not.toContain("locked");
    expect(next.output).toContain("2 unchanged");
  });

  test("that is repeated kills, and the next run unlocks the stack", async () => {
    const killed = start(60_000);
    await killed.has("support creating");
    const started = killed.processes();
    killed.signal("SIGINT");
    await killed.has("received; cancelling");
    await sleep(1_200);
    killed.signal("SIGINT");
    expect(await killed.exitCode).not.toBe(0);
    expect(left(started)).toEqual([]);

    const next = start(0);
    expect(await next.exitCode).toBe(0);
    expect(next.output).toContain("unlocking it");
    expect(next.output).toContain("1 created");
  });
});
