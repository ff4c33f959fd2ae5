import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { say } from "../say";

const checkout = join(__dirname, "../..");

/** Builds the packages whose sources are newer than what was built of them, so that nobody runs yesterday's code. */
export async function buildWhatIsStale(): Promise<void> {
  for (const name of ["provider", "emulator"]) {
    if (await isStale(checkout, name)) await build(name);
  }
}

/** A folder counts too: it changes when a file in it goes away. */
export async function isStale(root: string, name: string): Promise<boolean> {
  const sources = await readdir(join(root, name, "src"), { recursive: true });
  const inputs = [
    // Tells which zod is bundled.
    "package-lock.json",
    "tsconfig.json",
    `scripts/build/${name}.ts`,
    ...["package.json", "tsconfig.json", "src"].map((input) => join(name, input)),
    ...sources.map((source) => join(name, "src", source)),
  ];
  const outputs = ["dist/index.js", "dist/index.d.ts"].map((output) => join(name, output));
  const changed = await Promise.all(inputs.map((input) => modified(join(root, input))));
  const built = await Promise.all(outputs.map((output) => modified(join(root, output))));
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
