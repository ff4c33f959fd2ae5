import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator/src/index";

/** The result of one call of an SDK, or its error. */
type Result = Record<string, unknown>;

/** An official SDK that can run a program of calls. */
export interface Sdk {
  name: string;
  /** Runs the program on the emulator, and returns the result of each call by its name. */
  run(
    emulator: Emulator,
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Map<string, Result>>;
}

/** Why an SDK can't run here. */
export interface MissingSdk {
  name: string;
  missing: string;
}

export const API_KEY = "sk-conformance";

/** What an SDK's program did on an emulator. */
export class SdkRun {
  constructor(
    readonly emulator: Emulator,
    readonly results: ReadonlyMap<string, Result>,
  ) {}

  getResult(call: string): Result {
    const found = this.results.get(call);
    if (found === undefined) throw new Error(`The program didn't report "${call}".`);
    return found;
  }

  /** Returns the content of each message or item of a list. */
  listContents(call: string): string[] {
    const { data } = this.getResult(call);
    if (!Array.isArray(data)) throw new Error(`"${call}" returned no list.`);
    return data.map(({ content: [{ text }] }) => text.value ?? text);
  }
}

/** Runs the program of each SDK once, and declares the tests of what it did. An SDK that can't run here is skipped. */
export function describeSdks(
  sdks: (Sdk | MissingSdk)[],
  options: EmulatorOptions,
  declareTests: (name: string, getRun: () => SdkRun) => void,
): void {
  describe.each(sdks)("$name", (sdk) => {
    if ("missing" in sdk) {
      process.stderr.write(`${sdk.name} isn't tested with the emulator: ${sdk.missing}.\n`);
      test.skip(`${sdk.name} isn't tested: ${sdk.missing}`, () => {});
      return;
    }
    let emulator: Emulator;
    let run: SdkRun;
    beforeAll(async () => {
      emulator = await startEmulator({ apiKeys: [API_KEY], ...options });
      run = new SdkRun(emulator, await sdk.run(emulator));
    }, 60_000);
    afterAll(() => emulator?.close());
    declareTests(sdk.name, () => run);
  });
}

const cache = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "pulumi-dashscope",
  "conformance",
);

/**
 * Prepares a package from PyPI, in a virtual environment of its own. The pip of `python3` installs it: a second pip and compiling
 * modules that no program imports would take most of the time.
 *
 * @param others what the program imports, too, such as `parver==0.5`
 */
export function preparePythonSdk(
  packageName: string,
  version: string,
  program: string,
  others: readonly string[] = [],
): Sdk | MissingSdk {
  const name = `${packageName} ${version} for Python`;
  const folder = join(cache, `${packageName}-python-${version}`);
  const missing = install(folder, ["python3"], (temporary) => [
    ["python3", "-m", "venv", "--without-pip", temporary],
    [
      "python3",
      "-m",
      "pip",
      "--python",
      temporary,
      "install",
      "-q",
      "--no-compile",
      `${packageName}==${version}`,
      ...others,
    ],
  ]);
  if (missing !== undefined) return { name, missing };
  const python = join(folder, "bin", "python");
  const file = join(__dirname, "python", program);
  return { name, run: (emulator, args = [], env = {}) => runProgram(emulator, python, [file, ...args], env) };
}

/** Prepares `openai` from npm, in the version that the root's `package.json` names. */
export function prepareNodeSdk(): Sdk {
  const program = join(__dirname, "node", "conversationCalls.ts");
  return {
    name: "openai for Node.js",
    run: (emulator) => runProgram(emulator, process.execPath, ["--require", "tsx/cjs", program]),
  };
}

/** Prepares `com.alibaba:dashscope-sdk-java`, in the version that `java/pom.xml` names. */
export function prepareJavaSdk(): Sdk | MissingSdk {
  const name = "dashscope-sdk-java 2.22.13";
  const folder = join(cache, "java-2.22.13");
  const pom = join(__dirname, "java", "pom.xml");
  const missing = install(folder, ["java", "mvn"], (temporary) => [
    ["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${temporary}`],
  ]);
  if (missing !== undefined) return { name, missing };
  const program = join(__dirname, "java", "ThreadsAndMessages.java");
  return { name, run: (emulator) => runProgram(emulator, "java", ["-cp", join(folder, "*"), program]) };
}

/** Fills `folder` by `commands` unless it exists. Returns what is missing if that fails. */
function install(
  folder: string,
  runtimes: string[],
  commands: (temporary: string) => string[][],
): string | undefined {
  const absent = runtimes.find((runtime) => !isOnPath(runtime));
  if (absent !== undefined) return `${absent} is not installed`;
  if (existsSync(folder)) return undefined;
  // The folder is filled elsewhere and then moved, so that it is always complete.
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    for (const [command = "", ...args] of commands(temporary)) {
      const { status, stdout, stderr, error } = spawnSync(command, args, {
        encoding: "utf8",
        timeout: 180_000,
      });
      const [reason] = (error?.message ?? (stderr || stdout)).trim().split("\n");
      if (status !== 0) return `${command} ${args.join(" ")} failed: ${reason}`;
    }
    if (!existsSync(folder)) renameSync(temporary, folder);
    return undefined;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

export const isOnPath = (command: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)));

/** Runs a program of calls on an emulator, and returns the result of each call by its name. */
export async function runProgram(
  emulator: Emulator,
  command: string,
  args: string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Map<string, Result>> {
  const { stdout } = await promisify(execFile)(command, args, {
    env: {
      ...process.env,
      DASHSCOPE_HTTP_BASE_URL: emulator.url,
      DASHSCOPE_API_KEY: API_KEY,
      OPENAI_BASE_URL: emulator.compatibleUrl,
      OPENAI_API_KEY: API_KEY,
      ...env,
    },
  });
  const lines = stdout.trim().split("\n");
  const reports = lines.map((line): { call: string; result: Result } => JSON.parse(line));
  return new Map(reports.map(({ call, result }) => [call, result]));
}
