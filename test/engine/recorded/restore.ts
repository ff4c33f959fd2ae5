import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deployment } from "@pulumi/pulumi/automation";
import { createThread } from "../outsider";
import type { EngineStack } from "../setup";

/** What is read and changed of a recorded resource. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown> & {
    readonly metadata: Record<string, string>;
    readonly workspace?: string;
  };
}

/** Imports a recorded state, and creates its threads at the emulator as they were. */
export async function restore(
  stack: EngineStack,
  recording: string,
  change: (resources: RecordedResource[]) => RecordedResource[] = (resources) => resources,
): Promise<void> {
  const text = await readFile(join(__dirname, recording), "utf8");
  const state: Deployment & { deployment: { resources: RecordedResource[] } } = JSON.parse(
    text.replaceAll("BASE_URL", stack.emulator.url),
  );
  state.deployment.resources = change(state.deployment.resources);
  let changed = JSON.stringify(state);
  for (const { type, id, outputs } of state.deployment.resources) {
    if (!type.endsWith("dashscope:Thread")) continue;
    const thread = await createThread(stack, { metadata: outputs.metadata }, outputs.workspace);
    changed = changed.replaceAll(id, thread);
  }
  await stack.importState(JSON.parse(changed));
}
