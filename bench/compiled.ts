import { createRequire } from "node:module";
import { join } from "node:path";
import { buildSync } from "esbuild";

export const checkout = join(__dirname, "..");

/** Builds a source file of the checkout for Node.js into `outfile`. */
export function build(source: string, outfile: string): void {
  buildSync({
    absWorkingDir: checkout,
    entryPoints: [source],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20.18",
    logLevel: "warning",
  });
}

/** The exports of a source file as a user's compiler would leave it. */
export function compiled(source: string) {
  const outfile = join(checkout, ".local/bench/compiled", source.replace(/\.ts$/, ".js"));
  build(source, outfile);
  return createRequire(outfile)(outfile);
}

/** A module of the provider as it is published. */
export function built(module: string) {
  return createRequire(__filename)(join(checkout, "provider/dist", module));
}
