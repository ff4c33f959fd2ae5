import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { reportFailure } from "../error";

const provider = join(__dirname, "../../provider");
const source = join(provider, "src");

/** The only bundled file. The provider uses a tenth of zod. */
const zod = join(source, "zod.ts");

const common: BuildOptions = {
  outbase: source,
  outdir: join(provider, "dist"),
  platform: "node",
  target: "node20.18",
  format: "cjs",
  logLevel: "warning",
};

/** All other files aren't bundled: stack traces name them, and the entry points share them. */
async function listFiles(): Promise<string[]> {
  const names = await readdir(source, { recursive: true });
  return names
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(source, name))
    .filter((file) => file !== zod);
}

async function readZodLicense(): Promise<string> {
  const folder = dirname(require.resolve("zod/package.json", { paths: [provider] }));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return `/*! zod ${version}\n${await readFile(join(folder, "LICENSE"), "utf8")}*/`;
}

async function buildProvider(): Promise<void> {
  // Without this, the package would contain the output of removed sources.
  await rm(join(provider, "dist"), { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: await listFiles(),
    sourcemap: true,
    // The provider imports only its own files late. They are CommonJS, so `require` loads them.
    supported: { "dynamic-import": false },
  });
  await build({ ...common, entryPoints: [zod], bundle: true, banner: { js: await readZodLicense() } });
}

buildProvider().catch(reportFailure);
