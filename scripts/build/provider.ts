import { appendFile, chmod, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { reportFailure } from "../error";
import { buildSchema } from "./schema";

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

/** The server of the provider plugin is one file, which also works where no package is installed. */
const server = join(source, "plugin/server");
const plugin = join(provider, "dist/plugin/pulumi-resource-dashscope");

/** All other files aren't bundled: stack traces name them, and the entry points share them. */
async function listFiles(): Promise<string[]> {
  const names = await readdir(source, { recursive: true });
  return names
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(source, name))
    .filter((name) => !bundled.some(({ file }) => file === name) && !name.startsWith(server));
}

async function readLicense(library: string, license: string): Promise<string> {
  const folder = dirname(require.resolve(`${library}/package.json`, { paths: [provider] }));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return `/*! ${library} ${version}\n${await readFile(join(folder, license), "utf8")}*/`;
}

/** Bundles the plugin with everything that it uses: two copies of `google-protobuf` wouldn't understand each other. */
async function buildPlugin(schema: string): Promise<void> {
  const { metafile } = await build({
    platform: "node",
    target: "node20.18",
    format: "cjs",
    logLevel: "warning",
    bundle: true,
    // gRPC loads it for services that the plugin doesn't have.
    external: ["@grpc/proto-loader"],
    entryPoints: [join(server, "main.ts")],
    outfile: plugin,
    metafile: true,
    legalComments: "none",
    minify: true,
    // Messages of unexpected errors name their class.
    keepNames: true,
    banner: { js: "#!/usr/bin/env node" },
    define: { pluginSchema: JSON.stringify(schema) },
  });
  await appendFile(plugin, await readLicenses(Object.keys(metafile.inputs)));
  await chmod(plugin, 0o755);
}

/** The licenses of the packages whose files are among these. */
async function readLicenses(files: readonly string[]): Promise<string> {
  const folders = new Set(
    files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(resolve(file)) ?? []),
  );
  const licenses = [...folders].sort().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? "" : await readFile(join(folder, file), "utf8");
    return `\n/*! ${name} ${version}\n${text.replaceAll("*/", "* /").trim()}\n*/\n`;
  });
  return (await Promise.all(licenses)).join("");
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
  const { version } = JSON.parse(await readFile(join(provider, "package.json"), "utf8"));
  await buildPlugin(JSON.stringify(buildSchema(version)));
}

buildProvider().catch(reportFailure);
