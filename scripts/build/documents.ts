import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** Copies the repository's documents into the package. Renames each copy, because two processes can pack at once. */
for (const name of ["LICENSE", "CHANGELOG.md"]) {
  const copy = join(root, "provider", name);
  copyFileSync(join(root, name), `${copy}.${process.pid}`);
  renameSync(`${copy}.${process.pid}`, copy);
}
