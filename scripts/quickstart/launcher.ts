import { spawn } from "node:child_process";
import { join } from "node:path";

/**
 * Runs the worker in a process group of its own. A terminal's ^C goes to every process of the group in front, and npm
 * passes it on once more; but Pulumi takes a second interrupt for an order to die at once, and then leaves its lock.
 */
const worker = spawn(
  process.execPath,
  [...process.execArgv, join(__dirname, "worker.ts"), ...process.argv.slice(2)],
  {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  },
);

/** Interrupts that come so soon after one are the same one. */
const sameWithin = 1_000;
let interrupted: number | undefined;

function interrupt(): void {
  if (interrupted === undefined) {
    interrupted = Date.now();
    process.stderr.write("\nStopping: what has begun is being finished. Press ^C again to kill it.\n");
    worker.kill("SIGINT");
  } else if (Date.now() - interrupted > sameWithin) {
    killAll();
  }
}

/** The worker, and what it started. */
function killAll(): void {
  if (worker.pid === undefined) return;
  try {
    process.kill(-worker.pid, "SIGKILL");
  } catch {
    // There is nothing left to kill.
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);

worker.on("exit", (code) => {
  killAll();
  process.exit(code ?? 1);
});
