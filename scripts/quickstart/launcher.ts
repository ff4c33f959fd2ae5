import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildWhatIsStale } from "../build/stale";
import { say } from "../say";
import { killTree } from "./process-tree";
import { outliveTheTerminal } from "./terminal";

/**
 * Runs the worker in a process group of its own. A terminal's ^C goes to every process of the group in front, and npm
 * passes it on once more; but Pulumi takes a second interrupt for an order to die at once, and then leaves its lock.
 */
function launch(): void {
  const worker = spawn(
    process.execPath,
    [...process.execArgv, join(__dirname, "worker.ts"), ...process.argv.slice(2)],
    {
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    },
  );
  let interrupted: number | undefined;
  const interrupt = () => {
    if (interrupted === undefined) {
      interrupted = Date.now();
      worker.kill("SIGINT");
    } else if (Date.now() - interrupted > sameWithin && worker.pid !== undefined) {
      killTree(worker.pid);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  worker.on("exit", (exitCode) => process.exit(exitCode ?? 1));
}

/** An interrupt that comes so soon after one is the same one. */
const sameWithin = 1_000;

outliveTheTerminal();
buildWhatIsStale().then(launch, (error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
