import { buildWhatIsStale } from "../build/stale";
import { say } from "../say";

const stopping = new AbortController();
const stop = () => stopping.abort();
// The launcher passes interrupts on; when it is gone, nobody is left to want the rest of the work.
process.on("SIGINT", stop).on("disconnect", stop);

async function work(): Promise<void> {
  await buildWhatIsStale(stopping.signal);
  // Only now, since it loads what may just have been built.
  const { runCommand } = await import("./commands");
  await runCommand(process.argv[2] ?? "", process.cwd(), stopping.signal);
}

async function exitCode(): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) {
      say("Stopped. What was done is recorded: the same command goes on from there.");
      return 130;
    }
    const { explain } = await import("./explain");
    const explanation = explain(error);
    if (explanation !== undefined) say(explanation);
    return 1;
  }
}

// The engine's connections may outlive the work.
void exitCode().then((code) => process.exit(code));
