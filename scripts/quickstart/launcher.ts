import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildStalePackages } from "../build/stale";
import { reportFailure } from "../error";
import { ignoreClosedTerminal } from "../say";
import { killTree } from "./process-tree";

/** Two interrupts within this time are the same one. */
const sameInterruptWithin = 1_000;

/**
 * Runs the worker in its own process group, so that it receives one interrupt per ^C. The terminal sends ^C to the whole
 * group in the foreground, and npm sends it again. On a second interrupt Pulumi exits at once and leaves the stack locked.
 */
function launchWorker(): void {
  const worker = spawn(
    process.execPath,
    [...process.execArgv, join(__dirname, "worker.ts"), ...process.argv.slice(2)],
    { detached: true, stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  let interruptedAt: number | undefined;
  const interrupt = () => {
    if (interruptedAt === undefined) {
      interruptedAt = Date.now();
      worker.kill("SIGINT");
    } else if (Date.now() - interruptedAt > sameInterruptWithin && worker.pid !== undefined) {
      killTree(worker.pid);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  worker.on("exit", (exitCode) => process.exit(exitCode ?? 1));
}

ignoreClosedTerminal();
buildStalePackages().then(launchWorker, reportFailure);
