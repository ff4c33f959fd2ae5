/**
 * Tests on the real engine: a real Pulumi CLI, the real dynamic-provider host, an emulator of DashScope.
 *
 *     import { Thread } from "pulumi-dashscope";
 *     import { describeEngine, newStack } from "./setup";
 *
 *     describeEngine("a thread", () => {
 *       test("is created once", async () => {
 *         const stack = await newStack({}, async () => ({ id: new Thread("t", { metadata: { env: "dev" } }).id }));
 *         expect((await stack.up()).changes).toEqual({ create: 2 }); // the stack itself counts
 *         expect((await stack.up()).changes).toEqual({ same: 2 });
 *         stack.program = async () => { new Thread("t", { metadata: { env: "prod" } }); };
 *         expect((await stack.preview({ diff: true })).output).toContain('~ env: "dev" => "prod"');
 *         await expect(stack.destroy()).resolves.toMatchObject({ changes: { delete: 2 } });
 *       });
 *     });
 *
 * - `describeEngine` is `describe` where a CLI is to be had. Elsewhere its tests fail under `CI=true` and are skipped on a
 *   person's machine. It gives every test two minutes, and closes the stacks made in it when all its tests are done.
 * - `newStack(options, program)`: a stack of its own in a folder of its own, with an emulator of its own (`stack.emulator`),
 *   started with the options in `options.emulator`, unless that is an emulator which runs already. `options.config` and `stack.configure(config)` set the stack's
 *   configuration (`{ "dashscope:region": { value: "cn-beijing" } }`), `options.env` and `stack.env` the environment;
 *   an empty string there unsets what the helper sets (`DASHSCOPE_API_KEY`, `DASHSCOPE_HTTP_BASE_URL`).
 * - Every operation (`up`, `preview`, `refresh`, `destroy`) takes the Automation API's options and gives
 *   `{ output, changes, events }`: what Pulumi printed without colours, its count by kind of step, the engine's events. It
 *   rejects with `OperationFailed`, which has the same three. `stack.outputs()`, `stack.exportState()` and
 *   `stack.importState(state)` ask the engine.
 * - The program runs in the test's own process, which has the stack's environment while an operation runs: run the
 *   operations of one test file one after another. What comes from this machine (`DASHSCOPE_*`, `PULUMI_*`, the home
 *   folder) is hidden from the program, the CLI and the hooks.
 * - The packages are taken from their `dist` folders, as users get them: `npm run build` first (`npm test` does).
 */

export { catchFailure, OperationFailed, type Outcome } from "../../../scripts/engine/outcome";
export { type EngineStack, newStack, type StackOptions } from "../../../scripts/engine/stack";
export { describeEngine } from "./describe-engine";
