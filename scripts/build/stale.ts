import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { say } from "../say";

const checkout = join(__dirname, "../..");

/** Builds the packages whose sources are newer than what was built of them, so that nobody runs yesterday's code. */
export async function buildWhatIsStale(): Promise<void> {
  for (const name of ["provider", "emulator"]) {
    if (await isStale(join(checkout, name))) await build(name);
  }
}

/** A folder counts too: it changes when a file in it goes away. */
export async function isStale(folder: string): Promise<boolean> {
  const sources = await readdir(join(folder, "src"), { recursive: true });
  const inputs = ["package.json", "tsconfig.json", "src", ...sources.map((name) => join("src", name))];
  const outputs = ["dist/index.js", "dist/index.d.ts"];
  const changed = await Promise.all(inputs.map((name) => modified(join(folder, name))));
  const built = await Promise.all(outputs.map((name) => modified(join(folder, name))));
  return Math.max(...changed) > Math.min(...built);
}

async function modified(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function build(name: string): Promise<void> {
  say(`Building ${name}.`);
  const npm = spawn("npm", ["run", "--silent", "build", "--workspace", name], {
    cwd: checkout,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [exitCode] = await once(npm, "close");
  if (exitCode === 0) return;
  // Half a build would look fresh to the next run.
  await rm(join(checkout, name, "dist"), { recursive: true, force: true });
  throw new Error(`${name} could not be built.`);
}
