import { say } from "../say";
import { buildWhatIsStale } from "./stale";

buildWhatIsStale().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
