import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../emulator/src/index";
import { isolateEngine } from "../../scripts/engine/environment";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { root } from "../../scripts/run";
import { API_KEY, isOnPath, preparePythonSdk, runProgram } from "./sdk";

// The first time, Go compiles Pulumi's generators and SDK.
jest.setTimeout(480_000);

const plugin = join(root, "provider/dist/plugin/pulumi-resource-dashscope");
const execute = promisify(execFile);
// What the generated SDK imports beside Pulumi's.
const python = preparePythonSdk("pulumi", "3.270.0", "provider_plugin.py", ["parver==0.5"]);

let emulator: Emulator;
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  emulator = await startEmulator({ apiKeys: [API_KEY] });
  folder = await mkdtemp(join(tmpdir(), "dashscope-languages-"));
  const { command } = await ensurePulumi();
  env = {
    ...isolateEngine(folder),
    PATH: `${dirname(command)}${delimiter}${process.env["PATH"]}`,
  };
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Generates the SDK of the plugin from the schema that the plugin returns, and returns its folder. */
async function generateSdk(language: "python" | "go"): Promise<string> {
  const schema = join(folder, "schema.json");
  const { stdout } = await execute("pulumi", ["package", "get-schema", plugin], {
    env: { ...process.env, ...env },
  });
  await writeFile(schema, stdout);
  const module = join(folder, "module");
  await cp(join(__dirname, "plugin"), module, { recursive: true });
  const sdk = language === "go" ? module : join(folder, "sdk");
  await runGo(module, ["run", ...goFlags, "./generate", language, schema, sdk]);
  return sdk;
}

// As the CLI is built, so that what both contain is compiled once.
const goFlags = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w"];

async function runGo(cwd: string, args: readonly string[]): Promise<void> {
  await execute("go", args, { cwd, env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" } });
}

/** Checks the reports of a program that declares a thread and a set, changes the thread, and removes both. */
function assertManaged(reports: Awaited<ReturnType<typeof runProgram>>): void {
  expect(Object.fromEntries(reports)).toEqual({
    up: { create: 3 },
    outputs: { env: "dev", acme: expect.stringMatching(/^thread_/) },
    preview: { update: 1, same: 2 },
    update: { update: 1, same: 2 },
    refresh: { same: 3 },
    destroy: { delete: 3 },
  });
  expect(emulator.threads()).toEqual([]);
}

describe("the provider plugin in other languages", () => {
  if (!isOnPath("go")) {
    process.stderr.write("The provider plugin isn't tested with generated SDKs: go is not installed.\n");
    test.skip("the plugin isn't tested with generated SDKs: go is not installed", () => {});
    return;
  }
  test("a Go program with the generated SDK declares, looks up, updates, refreshes and deletes threads", async () => {
    const module = await generateSdk("go");
    const program = join(folder, "program");
    await runGo(module, ["build", ...goFlags, "-o", program, "./program"]);
    assertManaged(await runProgram(emulator, program, [plugin, "0.1.0", folder], env));
  });

  if ("missing" in python) {
    process.stderr.write(`The provider plugin isn't tested with Python: ${python.missing}.\n`);
    test.skip(`the plugin isn't tested with Python: ${python.missing}`, () => {});
    return;
  }
  test("a Python program with the generated SDK declares, looks up, updates, refreshes and deletes threads", async () => {
    const sdk = await generateSdk("python");
    const site = join(folder, "site");
    await execute("python3", [
      "-m",
      "pip",
      "install",
      "-q",
      "--no-compile",
      "--no-deps",
      "--target",
      site,
      sdk,
    ]);
    assertManaged(await python.run(emulator, [plugin, "0.1.0", folder], { ...env, PYTHONPATH: site }));
  });
});
