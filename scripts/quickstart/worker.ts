import { say } from "../say";
import { runCommand } from "./commands";
import { explain } from "./explain";
import { outliveTheTerminal } from "./terminal";

outliveTheTerminal();
const stopping = new AbortController();
const stop = () => stopping.abort();
// The launcher passes interrupts on; when it is gone, nobody is left to want the rest of the work.
process.on("SIGINT", stop).on("disconnect", stop);

async function work(): Promise<number> {
  try {
    await runCommand(process.argv[2] ?? "", process.cwd(), stopping.signal);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) {
      say("Stopped. The same command goes on from here.");
      return 130;
    }
    const explanation = explain(error);
    if (explanation !== undefined) say(explanation);
    return 1;
  }
}

// The engine's connections may outlive the work.
void work().then((exitCode) => process.exit(exitCode));
