/**
 * Tests on the real engine: a real Pulumi CLI, the real dynamic-provider host or provider plugin, an emulator of DashScope.
 *
 *     import { describeFrontEnds, newStack } from "./setup";
 *
 *     describeFrontEnds("a thread", ({ Thread }) => {
 *       test("a thread is created once", async () => {
 *         const stack = await newStack({}, async () => ({ id: new Thread("t", { metadata: { env: "dev" } }).id }));
 *         expect((await stack.up()).changes).toEqual({ create: 2 }); // The stack itself counts.
 *         expect((await stack.up()).changes).toEqual({ same: 2 });
 *         stack.program = async () => { new Thread("t", { metadata: { env: "prod" } }); };
 *         expect((await stack.preview({ diff: true })).output).toContain('~ env: "dev" => "prod"');
 *       });
 *     });
 *
 * - `describeEngine` is `describe` if a CLI exists. Otherwise its tests fail under `CI=true` and are skipped elsewhere. Each test has four
 *   minutes, and the stacks are closed after the last one.
 * - `describeFrontEnds` runs the same tests with each front end. Use it for what a front end can break: what it passes to a lifecycle, and
 *   what Pulumi does with the answer. Use `describeEngine` for what is in one front end only, and for stories that differ from
 *   others only within a lifecycle.
 * - `newStack(options, program)` creates a stack in its own folder, with its own emulator (`stack.emulator`). `options.emulator` takes the
 *   emulator's options or a running emulator. `options.config` and `stack.configure(config)` set the stack's configuration, `options.env` and
 *   `stack.env` the environment. An empty string there unsets a default (`DASHSCOPE_API_KEY`, `DASHSCOPE_HTTP_BASE_URL`,
 *   `DASHSCOPE_SILENCE_DEPRECATION`).
 * - Each operation (`up`, `preview`, `refresh`, `destroy`) takes the Automation API's options and returns `{ output, changes, events }`: what
 *   Pulumi printed without colors, its count of steps by kind, and the engine's events. It rejects with `OperationFailed`, which has the same
 *   three. `catchFailure(operation)` returns the output of an operation that fails.
 * - An operation takes seconds. Begin a stack only if the story of another one can't go on, and preview only to look at the preview.
 * - The program runs in the process of the test, which has the stack's environment during an operation. So run one operation at a time. The
 *   program, the CLI and the hooks don't see the variables of this machine.
 * - The packages come from their `dist` folders, as for users: run `npm run build` first. `npm test` does it.
 */

export { catchFailure, OperationFailed, type Outcome } from "../../../scripts/engine/outcome";
export { type EngineStack, newStack, type StackOptions } from "../../../scripts/engine/stack";
export { describeEngine } from "./describeEngine";
export { describeFrontEnds, type FrontEnd, listFrontEnds } from "./frontEnds";
