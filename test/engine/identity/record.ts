import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineStack } from "../setup";

/** What a test needs of the record of a thread. */
export interface ThreadRecord {
  readonly id: string;
  readonly outputs: {
    readonly baseUrl?: string;
    readonly workspace?: string;
    readonly __keys?: readonly string[];
    readonly __instance?: string;
  };
}

/** What the engine writes to the disk. */
interface StateFile {
  readonly checkpoint: {
    readonly latest: { readonly resources: readonly (ThreadRecord & { urn: string; type: string })[] };
  };
}

/** Returns the recorded threads by name. */
export async function readRecords(stack: EngineStack): Promise<Map<string, ThreadRecord>> {
  // An export would cost a run of the CLI.
  const { checkpoint }: StateFile = JSON.parse(await readStateFile(stack));
  const threads = checkpoint.latest.resources.filter(({ type }) => type.endsWith("dashscope:Thread"));
  return new Map(threads.map((thread) => [thread.urn.split("::").at(-1) ?? "", thread]));
}

/** Returns the record of `support`. */
export async function readSupport(stack: EngineStack): Promise<ThreadRecord> {
  const record = (await readRecords(stack)).get("support");
  if (record === undefined) throw new Error("the state has no thread `support`");
  return record;
}

/** Returns the state as it is on the disk: an export by the Automation API shows secrets. */
export function readStateFile(stack: EngineStack): Promise<string> {
  return readFile(join(stack.folder, ".pulumi/stacks/engine-test/test.json"), "utf8");
}

/** Returns the IDs of the emulator's threads, oldest first. */
export function threadIds(stack: EngineStack): string[] {
  return stack.emulator.threads().map(({ id }) => id);
}

/** Returns the deletions that the emulator was asked for. */
export function deletions(stack: EngineStack): string[] {
  return stack.emulator
    .requests()
    .filter(({ method }) => method === "DELETE")
    .map(({ path }) => path);
}
