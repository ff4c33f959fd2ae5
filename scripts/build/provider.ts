import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BuildOptions, build } from "esbuild";

const provider = join(__dirname, "../../provider");
const source = join(provider, "src");

/** The one file that is bundled: what we use of zod is a tenth of the whole. */
const zod = join(source, "zod.ts");

const common: BuildOptions = {
  outbase: source,
  outdir: join(provider, "dist"),
  platform: "node",
  target: "node20.18",
  format: "cjs",
  logLevel: "warning",
};

/** Our own files stay one for one, so that stack traces name them and what several entry points use is there once. */
async function ownFiles(): Promise<string[]> {
  const names = await readdir(source, { recursive: true });
  return names
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(source, name))
    .filter((file) => file !== zod);
}

async function licenseOfZod(): Promise<string> {
  const folder = dirname(require.resolve("zod/package.json", { paths: [provider] }));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return `/*! zod ${version}\n${await readFile(join(folder, "LICENSE"), "utf8")}*/`;
}

async function buildProvider(): Promise<void> {
  // What is left of a source that is gone would be published.
  await rm(join(provider, "dist"), { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: await ownFiles(),
    sourcemap: true,
    // What is loaded late are files of ours: they are required, as they are CommonJS.
    supported: { "dynamic-import": false },
  });
  await build({ ...common, entryPoints: [zod], bundle: true, banner: { js: await licenseOfZod() } });
}

buildProvider().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
