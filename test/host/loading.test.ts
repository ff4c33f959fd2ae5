import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, jest, test } from "@jest/globals";
import { threadProviderText } from "../../provider/src/pulumi/providerText";
import { provider } from "./host";

// A host takes a second to start, and several on a busy machine.
jest.setTimeout(60_000);

const repository = resolve(__dirname, "../..");

interface Cost {
  readonly modules: string[];
  readonly bytes: number;
  readonly milliseconds: number;
}

describe("the text that is stored with every thread", () => {
  test("is the one that state files have which exist already", () => {
    expect(threadProviderText).toBe(provider);
  });

  test("is short, since a state file has it twice for every thread", () => {
    expect(Buffer.byteLength(threadProviderText)).toBeLessThan(80);
  });
});

describe("what the host loads until check and diff have answered", () => {
  const answered = `
    const module_ = { exports: {} };
    new Function("exports", "require", ${JSON.stringify(provider)})(module_.exports, require);
    const hooks = module_.exports.handler();
    const news = { metadata: { a: "1" }, messages: [{ role: "user", content: "Hello" }], __provider: "" };
    await hooks.configure({ config: { get: () => undefined } });
    const { inputs } = await hooks.check({}, news);
    await hooks.diff("thread_1", { ...inputs, metadata: {} }, inputs);`;
  const libraries = `require("zod"); require(require.resolve("undici", { paths: [${JSON.stringify(resolve(repository, "provider"))}] }));`;

  test("is neither undici nor Pulumi's SDK", async () => {
    const { modules } = await cost(answered);
    expect(modules.filter((path) => /undici|@pulumi/.test(path))).toEqual([]);
  });

  test("costs less than zod and undici together: in modules, in bytes and in time", async () => {
    const own: Cost[] = [];
    const other: Cost[] = [];
    for (let round = 0; round < 5; round++) {
      own.push(await cost(answered));
      other.push(await cost(libraries));
    }
    const [mine, theirs] = [own, other].map((costs) => ({
      modules: costs[0]?.modules.length ?? Number.NaN,
      bytes: costs[0]?.bytes ?? Number.NaN,
      milliseconds: median(costs.map(({ milliseconds }) => milliseconds)),
    }));
    expect(mine?.modules).toBeLessThan(theirs?.modules ?? 0);
    expect(mine?.bytes).toBeLessThan(theirs?.bytes ?? 0);
    expect(mine?.milliseconds).toBeLessThan(theirs?.milliseconds ?? 0);
  });
});

/** What running `code` loads, in a process of its own. */
async function cost(code: string): Promise<Cost> {
  const program = `
    const { statSync } = require("node:fs");
    const started = performance.now();
    (async () => {
      ${code}
      const milliseconds = performance.now() - started;
      const modules = Object.keys(require.cache);
      const bytes = modules.reduce((sum, path) => sum + statSync(path).size, 0);
      console.log(JSON.stringify({ modules, bytes, milliseconds }));
    })();`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], { cwd: repository });
  return JSON.parse(stdout);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
