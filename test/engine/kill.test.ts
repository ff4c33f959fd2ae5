import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { signal, type Victim } from "../../scripts/faults/kills";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { declareSupport } from "./declarations";
import { catchFailure, describeEngine, type EngineStack, newStack } from "./setup";

/** Runs `up` until the emulator has done the work of a request, whose answer never ends, and kills a process of it. */
async function killDuring(
  stack: EngineStack,
  verb: "create" | "update" | "delete",
  victim: Victim,
): Promise<void> {
  stack.emulator.clearRequests();
  stack.emulator.setFaults([{ kind: "trickle", verb }]);
  const failure = catchFailure(stack.up());
  const method = verb === "delete" ? "DELETE" : "POST";
  while (!stack.emulator.requests().some((request) => request.method === method)) await sleep(20);
  await signal(stack, victim, "SIGKILL");
  await failure;
  stack.emulator.setFaults([]);
  if (victim === "CLI") await unlock(stack);
}

/** Unlocks the stack, as a user does after a kill of the CLI. */
async function unlock(stack: EngineStack): Promise<void> {
  const { command } = await ensurePulumi();
  await promisify(execFile)(command, ["cancel", "--yes", "--stack", "test"], {
    cwd: stack.folder,
    env: { ...process.env, ...stack.env },
  });
}

const victims: Victim[] = ["CLI", "host"];

describeEngine("an `up` that is killed", () => {
  test.each(victims)(
    "after a kill of the %s during a create, an update or a delete, the next `up` finishes it",
    async (victim) => {
      const stack = await newStack({}, declareSupport(Thread, { metadata: { env: "dev" } }));
      await killDuring(stack, "create", victim);
      const [lost, ...others] = stack.emulator.threads();
      expect(others).toEqual([]);
      const { output } = await stack.up();
      expect(output.includes("interrupted while creating")).toBe(victim === "CLI");
      const [, created] = stack.emulator.threads();
      expect(stack.emulator.threads()).toEqual([lost, created]);

      stack.program = declareSupport(Thread, { metadata: { env: "prod" } });
      await killDuring(stack, "update", victim);
      await stack.up();
      expect(stack.emulator.threads()).toEqual([lost, { ...created, metadata: { env: "prod" } }]);

      stack.program = async () => {};
      await killDuring(stack, "delete", victim);
      expect(stack.emulator.threads()).toEqual([lost]);
      expect((await stack.up()).changes).toEqual({ same: 1, delete: 1 });
    },
  );
});
