import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { reportFailure } from "../error";
import { withLock } from "../lock";
import { say } from "../say";

const checkout = join(__dirname, "../..");
const packages = ["provider", "emulator"];

/** Builds the packages whose sources changed after their last build. */
export async function buildStalePackages(): Promise<void> {
  if (!packages.some((name) => isStale(checkout, name))) return;
  await withLock(
    join(checkout, "node_modules/.build"),
    "Another process is building. Waiting for it.",
    async () => {
      for (const name of packages) if (isStale(checkout, name)) await build(name);
    },
  );
}

export function isStale(root: string, name: string): boolean {
  // A folder changes when a file in it is removed.
  const sources = readdirSync(join(root, name, "src"), { recursive: true }).map((file) => `src/${file}`);
  // The lock file decides which zod is bundled.
  const shared = ["package-lock.json", "tsconfig.json", `scripts/build/${name}.ts`];
  const inputs = [
    ...shared,
    ...["package.json", "tsconfig.json", "src", ...sources].map((file) => join(name, file)),
  ];
  const outputs = ["dist/index.js", "dist/index.d.ts"].map((file) => join(name, file));
  const modified = (file: string) => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.max(...inputs.map(modified)) > Math.min(...outputs.map(modified));
}

async function build(name: string): Promise<void> {
  say(`Building ${name}.`);
  const npm = spawn("npm", ["run", "--silent", "build", "--workspace", name], {
    cwd: checkout,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [exitCode] = await once(npm, "close");
  if (exitCode === 0) return;
  // The next run must not use a partial build.
  rmSync(join(checkout, name, "dist"), { recursive: true, force: true });
  throw new Error(`The build of ${name} failed.`);
}

if (require.main === module) buildStalePackages().catch(reportFailure);
