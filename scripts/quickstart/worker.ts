import { describeError } from "../error";
import { ignoreClosedTerminal, say } from "../say";
import { runCommand } from "./commands";
import { OperationError } from "./operation";

ignoreClosedTerminal();
const stopping = new AbortController();
const stop = () => stopping.abort();
// The launcher forwards interrupts. "disconnect" means that it was killed.
process.on("SIGINT", stop).on("disconnect", stop);

async function main(): Promise<number> {
  try {
    await runCommand(process.argv[2] ?? "", process.cwd(), stopping.signal);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) {
      say("Stopped. Run the same command again to continue.");
      return 130;
    }
    if (!(error instanceof OperationError)) say(describeError(error));
    return 1;
  }
}

// Open connections of the engine would keep the process running.
void main().then((exitCode) => process.exit(exitCode));
