import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, jest, test } from "@jest/globals";
import { getProviderText } from "../../provider/src/resource/providerText";
import { provider } from "../../scripts/host/host";

// A process takes its time to start on a busy machine.
jest.setTimeout(60_000);

const repository = resolve(__dirname, "../..");

test("the text that is stored with every thread is the one that state files have which exist already", () => {
  expect(getProviderText("Thread")).toBe(provider);
});

test("what the host loads until check and diff have answered is neither undici nor Pulumi's SDK", async () => {
  const modules = await modulesOf(`
    const module_ = { exports: {} };
    new Function("exports", "require", ${JSON.stringify(provider)})(module_.exports, require);
    const hooks = module_.exports.handler();
    const news = { metadata: { a: "1" }, messages: [{ role: "user", content: "Hello" }], __provider: "" };
    await hooks.configure({ config: { get: () => undefined } });
    const { inputs } = await hooks.check({}, news);
    await hooks.diff("thread_1", { ...inputs, metadata: {} }, inputs);`);
  expect(modules).not.toEqual([]);
  expect(modules.filter((path) => /undici|@pulumi/.test(path))).toEqual([]);
});

/** What running `code` loads, in a process of its own. */
async function modulesOf(code: string): Promise<string[]> {
  const program = `
    (async () => {
      ${code}
      console.log(JSON.stringify(Object.keys(require.cache)));
    })();`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], { cwd: repository });
  return JSON.parse(stdout);
}
