import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import * as budgets from "./budgets";

const plugin = join(__dirname, "../../provider/dist/plugin/pulumi-resource-dashscope");

/** Starts the plugin's server in this process, and prints what is loaded when it has printed its port. */
const start = `
  const print = console.log;
  console.log = (port) => {
    print(JSON.stringify({
      port,
      files: Object.keys(require.cache).length,
      builtins: process.moduleLoadList.length,
      // It sets this when it's loaded.
      undici: globalThis[Symbol.for("undici.globalDispatcher.1")] !== undefined,
    }));
    process.exit();
  };
  require(${JSON.stringify(plugin)});
`;

test("the plugin is one file within its budget, and loads undici only for a request", async () => {
  const { size } = await stat(plugin);
  expect(size).toBeLessThanOrEqual(budgets.plugin.kilobytes * 1_000);
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", start]);
  const loaded: unknown = JSON.parse(stdout);
  expect(loaded).toEqual({
    port: expect.any(Number),
    files: 1,
    builtins: expect.any(Number),
    undici: false,
  });
  const { builtins }: { builtins: number } = JSON.parse(stdout);
  const { stdout: bare } = await promisify(execFile)(process.execPath, [
    "-p",
    "process.moduleLoadList.length",
  ]);
  expect(builtins - Number(bare)).toBeLessThanOrEqual(budgets.plugin.builtins);
});
