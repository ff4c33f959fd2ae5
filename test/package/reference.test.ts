import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = join(__dirname, "../..");

/** The content of each page of a folder, by its path. */
async function readPages(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true });
  const pages = names
    .filter((name) => name.endsWith(".md"))
    .map(async (name) => [name, await readFile(join(folder, name), "utf8")]);
  return Object.fromEntries(await Promise.all(pages));
}

test("every public name has a doc comment, and `docs/reference` is up to date", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reference-"));
  try {
    // This fails if a name has no doc comment.
    await run(join(root, "node_modules/.bin/typedoc"), ["--out", folder], { cwd: root });
    // If this fails, run `npm run reference`.
    expect(await readPages(join(root, "docs/reference"))).toEqual(await readPages(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
