import { reportFailure } from "../error";
import { buildPage } from "./messagePage";

/** `npm run messages`: provokes and prints every message. */
async function print(): Promise<void> {
  process.stdout.write(await buildPage());
}

print().catch(reportFailure);
