import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { signal, type Victim } from "../../scripts/faults/kills";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { describeEngine, type EngineStack, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

/** Runs `up` until the emulator gets a request with `method`, and then kills a process of it. */
async function upKilled(stack: EngineStack, method: string, victim: Victim): Promise<string> {
  stack.emulator.clearRequests();
  const failure = catchFailure(stack.up());
  while (!stack.emulator.requests().some((request) => request.method === method)) await sleep(20);
  await signal(stack, victim, "SIGKILL");
  const output = await failure;
  stack.emulator.setFaults([]);
  return output;
}

/** Unlocks the stack, as a user does after a kill of the CLI. */
async function unlock(stack: EngineStack): Promise<void> {
  const { command } = await ensurePulumi();
  await promisify(execFile)(command, ["cancel", "--yes", "--stack", "test"], {
    cwd: stack.folder,
    env: { ...process.env, ...stack.env },
  });
}

function declare(value: string) {
  return async () => {
    new Thread("support", { metadata: { env: value } });
  };
}

const victims: Victim[] = ["CLI", "host"];

describeEngine("an `up` that is killed", () => {
  test.each(victims)(
    "a kill of the %s during a create leaves at most that thread, and `up` creates the declared one",
    async (victim) => {
      const stack = await newStack({ env }, declare("dev"));
      // The work is done, and the answer never ends.
      stack.emulator.setFaults([{ kind: "trickle", verb: "create" }]);
      await upKilled(stack, "POST", victim);
      expect(stack.emulator.threads()).toHaveLength(1);

      if (victim === "CLI") await unlock(stack);
      const warned = (await stack.up()).output.includes("interrupted while creating");
      expect(warned).toBe(victim === "CLI");
      expect(stack.emulator.threads()).toHaveLength(2);
      await stack.destroy();
      expect(stack.emulator.threads()).toHaveLength(1);
    },
  );

  test.each(victims)(
    "a kill of the %s during an update loses nothing, and the next `up` finishes it",
    async (victim) => {
      const stack = await newStack({ env }, declare("dev"));
      await stack.up();
      stack.program = declare("prod");
      stack.emulator.setFaults([{ kind: "trickle", verb: "update" }]);
      await upKilled(stack, "POST", victim);
      if (victim === "CLI") await unlock(stack);
      await stack.up();
      expect(stack.emulator.threads()).toMatchObject([{ metadata: { env: "prod" } }]);
      await stack.refresh({ expectNoChanges: true });
    },
  );

  test.each(victims)("after a kill of the %s during a delete, the next `up` finishes it", async (victim) => {
    const stack = await newStack({ env }, declare("dev"));
    await stack.up();
    stack.program = async () => {};
    stack.emulator.setFaults([{ kind: "trickle", verb: "delete" }]);
    await upKilled(stack, "DELETE", victim);
    expect(stack.emulator.threads()).toEqual([]);
    if (victim === "CLI") await unlock(stack);
    expect((await stack.up()).changes).toEqual({ same: 1, delete: 1 });
  });
});
