import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = join(__dirname, "../..");

test("every public name has a doc comment, and `docs/reference` is up to date", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reference-"));
  try {
    // This fails if a name has no doc comment.
    await run(join(root, "node_modules/.bin/typedoc"), ["--out", folder], { cwd: root });
    const [made, committed] = await Promise.all(
      [folder, join(root, "docs/reference")].map((where) => readFile(join(where, "README.md"), "utf8")),
    );
    // If this fails, run `npm run reference`.
    expect(committed).toBe(made);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
