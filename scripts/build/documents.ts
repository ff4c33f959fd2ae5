import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** The package shows what the repository shows. Renamed into place, as two may be packing at once. */
for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
  const copy = join(root, "provider", name);
  copyFileSync(join(root, name), `${copy}.${process.pid}`);
  renameSync(`${copy}.${process.pid}`, copy);
}
