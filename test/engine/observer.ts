import type { EngineStack, Outcome } from "./setup";

/** Returns the IDs of the emulator's threads, oldest first. */
export function listThreadIds(stack: EngineStack): string[] {
  return stack.emulator.threads().map(({ id }) => id);
}

/** Returns the method and the path of each request since the last call, in alphabetical order. */
export function takeRequests({ emulator }: EngineStack): string[] {
  const requests = emulator.requests().map(({ method, path }) => `${method} ${path}`);
  emulator.clearRequests();
  return requests.sort();
}

/** Returns the paths of the requests that delete. */
export function listDeletions(stack: EngineStack): string[] {
  return stack.emulator
    .requests()
    .filter(({ method }) => method === "DELETE")
    .map(({ path }) => path);
}

/** Returns whether a type is the one of a thread in one of the front ends. */
function isThreadType(type: string): boolean {
  return /dashscope:(index:)?Thread$/.test(type);
}

/** Returns the names of the recorded threads, in alphabetical order. */
export async function listRecordedThreads(stack: EngineStack): Promise<string[]> {
  const resources = [...(await stack.readResources())];
  return resources.flatMap(([name, { type }]) => (isThreadType(type) ? [name] : [])).sort();
}

// The events include debug messages, which Pulumi prints only on request.
const shown = new Set<string>(["info", "info#err", "warning", "error"]);

/** Returns what an operation reported. */
export function listDiagnostics({ events }: Outcome): string[] {
  return events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent && shown.has(diagnosticEvent.severity) ? [diagnosticEvent.message.trim()] : [],
  );
}

/** Counts the steps of an operation that change a thread, by kind. */
export function countThreadSteps({ events }: Outcome): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { resourcePreEvent } of events) {
    if (resourcePreEvent === undefined) continue;
    const { op, type } = resourcePreEvent.metadata;
    if (!isThreadType(type) || op === "same") continue;
    counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}
