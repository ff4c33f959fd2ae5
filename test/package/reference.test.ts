import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = join(__dirname, "../..");

test("every public name is documented, and docs/reference says what the doc comments say", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reference-"));
  try {
    // A name without a doc comment makes it fail.
    await run(join(root, "node_modules/.bin/typedoc"), ["--out", folder], { cwd: root });
    const [made, committed] = await Promise.all(
      [folder, join(root, "docs/reference")].map((where) => readFile(join(where, "README.md"), "utf8")),
    );
    // When it differs: npm run reference
    expect(committed).toBe(made);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
