import { cp, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import semver from "semver";
import { root, run } from "../run";
import type { Combination, Program, Sdk } from "./combinations";
import { nodeFolder, pnpm } from "./tools";

const programs = join(__dirname, "programs");

const sources: Record<Program, string> = {
  "TypeScript 5": "typescript",
  "TypeScript 3.8": "typescript",
  CommonJS: "commonjs",
  "ES module": "es-module",
  component: "component",
};

/** A user's project, in a folder outside the checkout. */
export class Project {
  readonly folder: string;
  readonly #combination: Combination;
  readonly #dependencies: Record<string, string>;

  constructor(folder: string, combination: Combination, tarballs: Tarballs) {
    this.folder = folder;
    this.#combination = combination;
    const { program, sdk } = combination;
    this.#dependencies = {
      "@pulumi/pulumi": resolveVersion(sdk),
      ...(program === "component"
        ? { "support-desk": `file:${tarballs.component}` }
        : { "pulumi-dashscope": `file:${tarballs.provider}` }),
      // As in `pulumi new typescript`. Pulumi contains TypeScript 3.8 for programs without one.
      ...(program === "TypeScript 5" && { typescript: "^5.0.0", "@types/node": "^18" }),
    };
  }

  /** Writes the program and its settings. */
  async write(): Promise<void> {
    const { program } = this.#combination;
    await mkdir(this.folder, { recursive: true });
    await cp(join(programs, sources[program]), this.folder, { recursive: true });
    const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: ";
    await this.#write("Pulumi.yaml", `name: compat\n${runtime}${program.startsWith("TypeScript")}\n`);
    if (program === "TypeScript 5") {
      const compilerOptions = {
        strict: true,
        target: "es2020",
        module: "commonjs",
        moduleResolution: "node",
      };
      await this.#write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["index.ts"] }));
    }
  }

  /** Installs the dependencies, and the additional ones. */
  async install(added: Readonly<Record<string, string>> = {}): Promise<void> {
    const { manager, program } = this.#combination;
    Object.assign(this.#dependencies, added);
    const main = program.startsWith("TypeScript") ? "index.ts" : "index.js";
    const type = program === "ES module" ? "module" : "commonjs";
    const manifest = { name: "compat", private: true, main, type, dependencies: this.#dependencies };
    await this.#write("package.json", JSON.stringify(manifest));
    const [command, options] =
      manager === "npm"
        ? ["npm", ["--no-audit", "--no-fund"]]
        : // Build scripts of packages don't matter here.
          [await pnpm(), ["--no-frozen-lockfile", "--config.strict-dep-builds=false"]];
    await run(command, ["install", ...options], this.folder, { PATH: await this.resolvePath() });
  }

  /** Returns the search path, with this project's Node.js first. */
  async resolvePath(): Promise<string> {
    return `${await nodeFolder(this.#combination.node)}${delimiter}${process.env["PATH"]}`;
  }

  #write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }
}

/** The packed packages. */
export interface Tarballs {
  readonly provider: string;
  /** A package with a component in it that depends on the provider. */
  readonly component: string;
}

/** Packs the provider, and a component that depends on it. */
export async function packTarballs(folder: string): Promise<Tarballs> {
  const provider = await pack(join(root, "provider"), folder);
  const component = join(folder, "support-desk");
  await cp(join(programs, "support-desk"), component, { recursive: true });
  const manifest = {
    name: "support-desk",
    version: "1.0.0",
    dependencies: { "pulumi-dashscope": `file:${provider}` },
    peerDependencies: { "@pulumi/pulumi": "^3.0.0" },
  };
  await writeFile(join(component, "package.json"), JSON.stringify(manifest));
  return { provider, component: await pack(component, folder) };
}

async function pack(source: string, folder: string): Promise<string> {
  await run("npm", ["pack", "--pack-destination", folder], source, {});
  const { name, version } = require(join(source, "package.json"));
  return join(folder, `${name}-${version}.tgz`);
}

function resolveVersion(sdk: Sdk): string {
  const range: string = require("../../provider/package.json").peerDependencies["@pulumi/pulumi"];
  return sdk === "newest" ? range : `${semver.minVersion(range)}`;
}
