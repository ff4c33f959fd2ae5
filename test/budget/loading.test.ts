import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { threadProviderText } from "../../provider/src/pulumi/providerText";
import * as budgets from "./budgets";

const checkout = join(__dirname, "../..");

/** Does what the host does up to the answer of the first `check`, in a process without anything else of the host's. */
const firstCheck = `
  const { statSync } = require("node:fs");
  const builtins = process.moduleLoadList.length;
  ${threadProviderText}
  const hooks = exports.handler();
  const config = { get: () => undefined };
  const thread = { __provider: "", messages: [{ role: "user", content: "Hello" }], metadata: { team: "support" } };
  Promise.resolve(hooks.configure({ config })).then(() => hooks.check({}, thread)).then(({ inputs }) => {
    const files = Object.keys(require.cache);
    console.log(JSON.stringify({
      answered: inputs !== undefined,
      files,
      bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
      builtins: process.moduleLoadList.length - builtins,
    }));
  });
`;

interface Loaded {
  readonly answered: boolean;
  readonly files: readonly string[];
  readonly bytes: number;
  /** Of Node.js: its public modules and what those load. */
  readonly builtins: number;
}

test("the first check is answered within the budget of modules and bytes", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", firstCheck], { cwd: checkout });
  const { answered, files, bytes, builtins }: Loaded = JSON.parse(stdout);
  expect(answered).toBe(true);
  // Shown when there are too many.
  expect(files.slice(budgets.check.modules)).toEqual([]);
  expect(bytes).toBeLessThanOrEqual(budgets.check.kilobytes * 1_000);
  expect(builtins).toBeLessThanOrEqual(budgets.check.builtins);
});
