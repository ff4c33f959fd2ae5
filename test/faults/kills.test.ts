import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import type { Outcome } from "../../scripts/engine/outcome";
import type { EngineStack } from "../../scripts/engine/stack";
import { type KillResult, runKill } from "../../scripts/faults/kills";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { root } from "../../scripts/run";
import { describeEngine } from "../engine/setup";

describeEngine("an `up` that ends early while it creates throttled threads", () => {
  test("after a kill of the CLI, the host ends, sends no create, and every thread is journaled", async () => {
    const result = await runKill("the CLI is killed");
    expect(result).toMatchObject({ ended: true, sentLater: 0, unanswered: 0 });
    expectAllFound(result);
    expect(result.made.length).toBeGreaterThan(result.recorded.length);
    expect(await listOrphans(result.stack)).toEqual(
      result.made.filter((id) => !result.recorded.includes(id)).sort(),
    );
  });

  test("after a kill of the host, a thread without an answer is journaled as sent, and the next `up` says so once", async () => {
    const result = await runKill("the host is killed");
    const { stack, made, journaled, unanswered } = result;
    expect(result).toMatchObject({ ended: true, sentLater: 0 });
    expect(made.filter((id) => !journaled.includes(id)).length).toBeLessThanOrEqual(unanswered);
    expect(unanswered).toBeGreaterThan(0);

    stack.program = async () => {
      new Thread("thread-0");
    };
    expect(listNotices(await stack.up())).toEqual([
      expect.stringContaining("run: pulumi stack export | npx pulumi-dashscope orphans"),
    ]);
    expect(listNotices(await stack.preview())).toEqual([]);
  });

  test("after a kill of the host that creates a set, `orphans` lists every thread except those of creates that were under way", async () => {
    const { stack, ...result } = await runKill("the host is killed", "ThreadSet");
    const { made, recorded, journaled, unanswered } = result;
    expect(result).toMatchObject({ ended: true, sentLater: 0 });
    expect(recorded).toEqual([]);
    const found = made.filter((id) => journaled.includes(id));
    expect(found.length).toBeGreaterThan(0);
    expect(made.length - found.length).toBeLessThanOrEqual(unanswered);
    expect(await listOrphans(stack)).toEqual(found.sort());

    const { changes } = await stack.up();
    expect(changes).toMatchObject({ create: 1 });
  });

  test("after a second ^C, every thread is journaled, and the host ends", async () => {
    const result = await runKill("^C twice");
    expect(result).toMatchObject({ ended: true, sentLater: 0, unanswered: 0 });
    expectAllFound(result);
  });
});

function expectAllFound({ made, recorded, ownedUp, journaled }: KillResult): void {
  const found = [...recorded, ...ownedUp, ...journaled];
  expect(made.filter((id) => !found.includes(id))).toEqual([]);
  expect(made.filter((id) => !journaled.includes(id))).toEqual([]);
}

function listNotices({ events }: Outcome): string[] {
  return events
    .map(({ diagnosticEvent }) => diagnosticEvent?.message ?? "")
    .filter((message) => message.includes("An earlier run was interrupted while it created threads"));
}

/** Runs the command as a user does: with the export of the stack. */
async function listOrphans(stack: EngineStack): Promise<string[]> {
  const env = { ...process.env, ...stack.env };
  const { command } = await ensurePulumi();
  const run = promisify(execFile);
  const { stdout: state } = await run(command, ["stack", "export", "--stack", "test"], {
    cwd: stack.folder,
    env,
  });
  const file = join(stack.folder, "state.json");
  await writeFile(file, state);
  const { stdout, code } = await run(
    process.execPath,
    [join(root, "provider/dist/cli/main.js"), "orphans", file],
    { cwd: stack.folder, env },
  ).then(
    (result) => ({ ...result, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  expect(code).toBe(1);
  return [...stdout.matchAll(/^ {2}(thread_\S+)/gm)].map(([, id = ""]) => id).sort();
}
