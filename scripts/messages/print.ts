import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { page } from "./page";

/** `npm run messages`: provokes every message, and writes docs/messages.md. */
async function print(): Promise<void> {
  await writeFile(join(__dirname, "../../docs/messages.md"), await page());
}

print();
