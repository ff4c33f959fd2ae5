import { createRequire } from "node:module";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { root } from "../scripts/run";

/** Builds a source file of the checkout for Node.js into `outfile`. */
export function buildInto(outfile: string, source: string): void {
  buildSync({
    absWorkingDir: root,
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

/** Loads a source file as a user's compiler builds it, without the wrappers of tsx. */
export function compile(source: string) {
  const outfile = join(root, ".local/bench/compiled", source.replace(/\.ts$/, ".js"));
  buildInto(outfile, source);
  return createRequire(outfile)(outfile);
}

/** Loads a module of the provider as it's published. */
export function loadPublished(module: string) {
  return createRequire(__filename)(join(root, "provider/dist", module));
}
