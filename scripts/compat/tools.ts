import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { root, run } from "../run";
import type { NodeVersion } from "./combinations";

const tools = join(root, ".local/compat");

/** Returns the folder of a Node.js, which comes from an npm package. */
export async function nodeFolder(version: NodeVersion): Promise<string> {
  return join(await installed(`node@${version}`), "node/bin");
}

/** Returns the command of the newest pnpm. */
export async function pnpm(): Promise<string> {
  return join(await installed("pnpm@latest"), ".bin/pnpm");
}

async function installed(tool: string): Promise<string> {
  const folder = join(tools, tool);
  const modules = join(folder, "node_modules");
  if (!existsSync(modules)) {
    await mkdir(folder, { recursive: true });
    await run("npm", ["install", "--prefix", folder, "--no-save", "--foreground-scripts", tool], folder, {});
  }
  return modules;
}
