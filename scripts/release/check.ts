import { join } from "node:path";
import { say } from "../say";
import { problemsOfRelease } from "./problems";

for (const problem of problemsOfRelease(join(__dirname, "../.."), process.argv[2] ?? "")) {
  say(problem);
  process.exitCode = 1;
}
