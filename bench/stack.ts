import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { isolateEngine } from "../scripts/engine/environment";
import { ensurePulumi } from "../scripts/pulumi-cli";
import { root, run } from "../scripts/run";
import { buildInto } from "./compile";
import { type DeclarationName, emptyHooksPackage } from "./contenders";
import { HostMemory } from "./hostMemory";
import type { Operation } from "./operation";
import { getEdition, type Phase } from "./phases";
import type { Server } from "./server";

/** One way to manage threads. */
export interface Contender {
  readonly name: string;
  readonly tool: DeclarationName | "alchemy";
  /** How many threads, if not as many as the others have. */
  readonly count?: number;
  /** Environment variables, such as settings of the backend. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What one phase took. */
export interface Measurement {
  readonly seconds: number;
  readonly requests: number;
  /** The peak memory of the host process in bytes. */
  readonly hostPeak: number;
  /** Bytes of all threads in the state file after the phase. */
  readonly stateBytes: number;
}

/** The threads of one contender, in a folder of their own. */
export interface BenchStack {
  readonly contender: Contender;
  readonly count: number;
  measure(phase: Phase): Promise<Measurement>;
  close(): Promise<void>;
}

/** Opens an empty stack. Pulumi's is on the real engine with a local file backend. */
export async function openStack(contender: Contender, size: number, server: Server): Promise<BenchStack> {
  const folder = await createFolder();
  const { tool, count = size } = contender;
  const env = {
    HOME: folder,
    DASHSCOPE_API_KEY: "sk-bench",
    DASHSCOPE_HTTP_BASE_URL: server.baseUrl,
    DASHSCOPE_SILENCE_DEPRECATION: "true",
    ...contender.env,
  };
  const runPhase =
    tool === "alchemy"
      ? await prepareAlchemy(folder, count, env)
      : preparePulumi(folder, {
          declaration: tool,
          count,
          folder,
          env: { ...env, ...isolateEngine(folder) },
        });
  return {
    contender,
    count,
    async measure(phase) {
      await server.countRequests();
      const memory = new HostMemory(folder);
      try {
        const seconds = await runPhase(phase);
        const requests = await server.countRequests();
        return { seconds, requests, hostPeak: memory.peak, stateBytes: await measureState(folder) };
      } finally {
        memory.stop();
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function createFolder(): Promise<string> {
  const parent = join(root, ".local/bench");
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, "stack-"));
}

function preparePulumi(folder: string, options: Omit<Operation, "phase" | "edition">) {
  buildInto(join(folder, "node_modules", emptyHooksPackage, "index.js"), "bench/contenders/emptyHooks.ts");
  return async (phase: Phase): Promise<number> => {
    const pulumi = await ensurePulumi();
    const operation: Operation = { ...options, phase, edition: getEdition(phase) };
    const program = join(root, "bench/operation.ts");
    const args = ["--require", "tsx/cjs", program, JSON.stringify(operation)];
    const output = await run(process.execPath, args, root, {});
    const seconds = Number(/^[\d.]+$/m.exec(output)?.[0]);
    if (Number.isFinite(seconds)) return seconds;
    throw new Error(`Pulumi ${pulumi.version} failed in the phase "${phase}":\n${output}`);
  };
}

async function prepareAlchemy(folder: string, count: number, env: Readonly<Record<string, string>>) {
  const installed = await installAlchemy();
  const program = join(installed, "alchemy.mjs");
  await copyFile(join(root, "bench/contenders/alchemy.mjs"), program);
  return async (phase: Phase): Promise<number> => {
    if (phase === "preview" || phase === "refresh") return Number.NaN;
    const started = performance.now();
    const verb = phase === "destroy" ? "destroy" : "up";
    await run(process.execPath, [program, verb, String(count), getEdition(phase)], folder, {
      ...env,
      // Otherwise it takes a CI for a mistake.
      CI: "",
    });
    return (performance.now() - started) / 1000;
  };
}

/** Installs alchemy for the first run that measures it. It isn't a dependency, because it installs 200 packages. */
async function installAlchemy(): Promise<string> {
  const folder = join(root, ".local/bench/alchemy");
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    '{ "private": true, "dependencies": { "alchemy": "~0.94.0" } }',
  );
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], folder, {});
  return folder;
}

interface StackFile {
  readonly checkpoint: { readonly latest: { readonly resources?: readonly { readonly type: string }[] } };
}

/** Measures the threads as the file backend writes them: JSON without white space. Returns `NaN` if there is no such file. */
async function measureState(folder: string): Promise<number> {
  const file = join(folder, ".pulumi/stacks/bench/bench.json");
  const content = await readFile(file)
    .catch(async () => gunzipSync(await readFile(`${file}.gz`)))
    .catch(() => undefined);
  if (content === undefined) return Number.NaN;
  const { checkpoint }: StackFile = JSON.parse(content.toString("utf8"));
  const threads = (checkpoint.latest.resources ?? []).filter(({ type }) =>
    /dashscope:(index:)?\w+$/.test(type),
  );
  return Buffer.byteLength(threads.map((resource) => JSON.stringify(resource)).join(","));
}
