import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { getProviderText } from "../../provider/src/resource/providerText";
import * as budgets from "./budgets";

const checkout = join(__dirname, "../..");

/** Does what the host does for the first `check`, `diff` and `create`, and nothing else. */
const firstCalls = `
  const { statSync } = require("node:fs");
  // The host has loaded them with gRPC.
  for (const name of ["node:http2", "node:crypto", "node:os"]) require(name);
  const builtins = process.moduleLoadList.length;
  ${getProviderText("Thread")}
  const hooks = exports.handler();
  const config = { get: () => undefined };
  const thread = { __provider: "", messages: [{ role: "user", content: "Hello" }], metadata: { team: "support" } };
  const loaded = () => {
    const files = Object.keys(require.cache);
    return {
      files,
      bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
      builtins: process.moduleLoadList.length - builtins,
    };
  };
  (async () => {
    await hooks.configure({ config });
    const { inputs } = await hooks.check({}, thread);
    await hooks.diff("thread_1", { ...inputs, metadata: {} }, inputs);
    const check = { answered: inputs !== undefined, ...loaded() };
    const error = await hooks.create(inputs).catch(({ message }) => message);
    console.log(JSON.stringify({ check, create: { error, ...loaded() } }));
  })();
`;

interface Loaded {
  readonly files: readonly string[];
  readonly bytes: number;
  /** The number of modules of Node.js, with those that they load. */
  readonly builtins: number;
}

interface Calls {
  readonly check: Loaded & { readonly answered: boolean };
  readonly create: Loaded & { readonly error: unknown };
}

test("the first `check` loads neither undici nor `@pulumi/pulumi`, and the first calls stay within the budgets", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", firstCalls], {
    cwd: checkout,
    env: {
      ...process.env,
      DASHSCOPE_API_KEY: "sk-budget",
      // Nobody listens there.
      DASHSCOPE_HTTP_BASE_URL: "http://127.0.0.1:1/api/v1",
      DASHSCOPE_MAX_RETRIES: "0",
    },
  });
  const { check, create }: Calls = JSON.parse(stdout);
  expect(check.answered).toBe(true);
  expect(check.files.filter((path) => /undici|@pulumi/.test(path))).toEqual([]);
  // The names of those beyond the budget.
  expect(check.files.slice(budgets.check.modules)).toEqual([]);
  expect(check.bytes).toBeLessThanOrEqual(budgets.check.kilobytes * 1_000);
  expect(check.builtins).toBeLessThanOrEqual(budgets.check.builtins);

  expect(create.error).toContain("ECONNREFUSED");
  expect(create.files.slice(budgets.create.modules)).toEqual([]);
  expect(create.bytes).toBeLessThanOrEqual(budgets.create.kilobytes * 1_000);
});
