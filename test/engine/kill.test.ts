import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { describeEngine, type EngineStack, failureOf, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

/** What each process of an operation is, by its command line. */
const victims = {
  "the CLI": /\/pulumi\0up\0/,
  "the hooks' host": /node\0.*dynamic-provider/,
};
type Victim = keyof typeof victims;

/** Kills a process of the stack's running operation, as a crash or a full memory would. */
async function kill(stack: EngineStack, victim: Victim): Promise<void> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
    if (!victims[victim].test(await read("cmdline"))) continue;
    if ((await read("environ")).includes(`PULUMI_BACKEND_URL=${stack.env["PULUMI_BACKEND_URL"]}`)) {
      process.kill(Number(pid), "SIGKILL");
    }
  }
}

/** Runs `up` until the emulator has seen `method`, and kills `victim` then. */
async function upKilled(stack: EngineStack, method: string, victim: Victim): Promise<string> {
  stack.emulator.clearRequests();
  const failure = failureOf(stack.up());
  while (!stack.emulator.requests().some((request) => request.method === method)) await sleep(20);
  await kill(stack, victim);
  const output = await failure;
  stack.emulator.setFaults([]);
  return output;
}

/** What a person does after the CLI was killed: it leaves its lock behind. */
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

const both: Victim[] = ["the CLI", "the hooks' host"];

describeEngine("an update that is killed", () => {
  test.each(both)(
    "in a create leaves at most that thread behind, and up makes the declared one (%s)",
    async (victim) => {
      const stack = await newStack({ env }, declare("dev"));
      // The work is done, and the answer never comes to its end.
      stack.emulator.setFaults([{ kind: "trickle", verb: "create" }]);
      await upKilled(stack, "POST", victim);
      expect(stack.emulator.threads()).toHaveLength(1);

      if (victim === "the CLI") await unlock(stack);
      const warned = (await stack.up()).output.includes("interrupted while creating");
      expect(warned).toBe(victim === "the CLI");
      expect((await stack.up()).changes).toEqual({ same: 2 });
      expect(stack.emulator.threads()).toHaveLength(2);
      await stack.destroy();
      expect(stack.emulator.threads()).toHaveLength(1);
    },
  );

  test.each(both)("before a create did its work leaves nothing behind (%s)", async (victim) => {
    const stack = await newStack({ env }, declare("dev"));
    stack.emulator.setFaults([{ kind: "hang", verb: "create" }]);
    await upKilled(stack, "POST", victim);
    if (victim === "the CLI") await unlock(stack);
    await stack.up({ refresh: true });
    expect(stack.emulator.threads()).toHaveLength(1);
  });

  test.each(both)("in an update loses nothing, and up makes it right (%s)", async (victim) => {
    const stack = await newStack({ env }, declare("dev"));
    await stack.up();
    stack.program = declare("prod");
    stack.emulator.setFaults([{ kind: "trickle", verb: "update" }]);
    await upKilled(stack, "POST", victim);
    if (victim === "the CLI") await unlock(stack);
    await stack.up();
    expect(stack.emulator.threads()).toMatchObject([{ metadata: { env: "prod" } }]);
    await stack.refresh({ expectNoChanges: true });
  });

  test.each(both)(
    "in a delete is finished by the next up, though the thread is gone (%s)",
    async (victim) => {
      const stack = await newStack({ env }, declare("dev"));
      await stack.up();
      stack.program = async () => {};
      stack.emulator.setFaults([{ kind: "trickle", verb: "delete" }]);
      await upKilled(stack, "DELETE", victim);
      expect(stack.emulator.threads()).toEqual([]);
      if (victim === "the CLI") await unlock(stack);
      expect((await stack.up()).changes).toEqual({ same: 1, delete: 1 });
    },
  );
});
