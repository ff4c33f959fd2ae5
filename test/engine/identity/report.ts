import type { Outcome } from "../setup";

// The events include debug messages, which Pulumi prints only on request.
const shown = new Set<string>(["info", "info#err", "warning", "error"]);

/** Returns what an operation reported, each message once: Pulumi prints some twice. */
export function readDiagnostics({ events }: Outcome): string[] {
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
    if (!type.endsWith("dashscope:Thread") || op === "same") continue;
    counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}
