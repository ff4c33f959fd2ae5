import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { root, run } from "../../scripts/run";

export { root, run };

/** Copies parts of the checkout to a folder inside it, where Node.js finds the same packages. */
export async function inCopyOf<T>(parts: readonly string[], use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(join(root, ".local"), { recursive: true });
  const folder = await mkdtemp(join(root, ".local/copy-"));
  try {
    for (const part of parts) await cp(join(root, part), join(folder, part), { recursive: true });
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a script of the root package in another folder, as npm does, and returns what it prints. */
export async function npmRun(
  script: string,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const command: string = scripts[script].replace("scripts/", `${root}/scripts/`);
  return run("sh", ["-c", command], folder, env);
}
