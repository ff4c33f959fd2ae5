import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import * as budgets from "./budgets";

const checkout = join(__dirname, "../..");

/** Declares threads at two depths of calls, and prints the lengths of the stack traces that this formats. */
const declarations = `
  const pulumi = require("@pulumi/pulumi");
  pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) });
  const { Thread } = require("pulumi-dashscope");
  const at = (depth, work) => depth === 0 ? work() : at(depth - 1, work);
  const count = (depth, declare) => {
    const lengths = [];
    Error.prepareStackTrace = (error, frames) => { lengths.push(frames.length); return String(error); };
    at(depth, declare);
    Error.prepareStackTrace = undefined;
    return lengths;
  };
  const declare = (name) => () => new Thread(name, { messages: [{ role: "user", content: "Hello" }], metadata: { team: "support" } });
  count(0, declare("first"));
  console.log(JSON.stringify([count(0, declare("shallow")), count(50, declare("deep"))]));
`;

test("a declaration stays within the budget of formatted stack frames at any depth of the program", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", declarations], {
    cwd: checkout,
    env: { ...process.env, DASHSCOPE_SILENCE_DEPRECATION: "true" },
  });
  const lengths: number[][] = JSON.parse(stdout);
  expect(lengths).toHaveLength(2);
  for (const traces of lengths) {
    // The longest is the SDK's, which looks for the line of the declaration.
    const [, ...others] = traces.toSorted((a, b) => b - a);
    expect(others.reduce((sum, frames) => sum + frames, 0)).toBeLessThanOrEqual(budgets.declaration.frames);
  }
});
