import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../emulator/src/index";
import { isolateEngine } from "../../scripts/engine/environment";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { root } from "../../scripts/run";
import { API_KEY, preparePythonSdk, type Sdk } from "./sdk";

// Installing the SDK and six operations of the engine.
jest.setTimeout(240_000);

const plugin = join(root, "provider/dist/plugin/pulumi-resource-dashscope");
const sdk = preparePythonSdk("pulumi", "3.270.0", "provider_plugin.py");
let emulator: Emulator;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator({ apiKeys: [API_KEY] });
  folder = await mkdtemp(join(tmpdir(), "dashscope-python-"));
});

afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

if ("missing" in sdk) {
  process.stderr.write(`The provider plugin isn't tested with Python: ${sdk.missing}.\n`);
  test.skip(`the plugin isn't tested with Python: ${sdk.missing}`, () => {});
} else {
  test("a Python program declares, updates, refreshes and deletes a thread with the plugin", () =>
    runProgram(sdk));
}

async function runProgram(python: Sdk): Promise<void> {
  const { command } = await ensurePulumi();
  const reports = await python.run(emulator, [plugin, "0.1.0", folder], {
    ...isolateEngine(folder),
    PATH: `${dirname(command)}${delimiter}${process.env["PATH"]}`,
  });
  expect(Object.fromEntries(reports)).toEqual({
    up: { create: 2 },
    outputs: { threadId: expect.stringMatching(/^thread_/) },
    preview: { update: 1, same: 1 },
    update: { update: 1, same: 1 },
    refresh: { same: 2 },
    destroy: { delete: 2 },
  });
  const calls = emulator.requests().map(({ method, path }) => `${method} ${path.replace(/thread_.*/, "ID")}`);
  expect(calls).toEqual([
    "POST /api/v1/threads",
    "POST /api/v1/threads/ID",
    "GET /api/v1/threads/ID",
    "DELETE /api/v1/threads/ID",
  ]);
}
