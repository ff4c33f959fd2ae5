import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { reportFailure } from "../error";

const provider = join(__dirname, "../../provider");
const source = join(provider, "src");

/** The files that are bundled with the library that each imports, so that users install neither. */
const bundled = [
  { file: join(source, "zod.ts"), library: "zod", license: "LICENSE" },
  { file: join(source, "config/closest.ts"), library: "fastest-levenshtein", license: "LICENSE.md" },
];

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
    .filter((source) => !bundled.some(({ file }) => file === source));
}

async function readLicense(library: string, license: string): Promise<string> {
  const folder = dirname(require.resolve(`${library}/package.json`, { paths: [provider] }));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return `/*! ${library} ${version}\n${await readFile(join(folder, license), "utf8")}*/`;
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
  for (const { file, library, license } of bundled) {
    await build({
      ...common,
      entryPoints: [file],
      bundle: true,
      // Our own modules stay outside, so that they are loaded once.
      external: ["./settings"],
      banner: { js: await readLicense(library, license) },
    });
  }
}

buildProvider().catch(reportFailure);
