import { type Configuration, createClientLoader } from "../config/configuration";
import type { Account } from "../resource/lifecycle";
import type { FrontEndProcess } from "./process";

/**
 * Creates the account of one process: one client, and so one pacer, for all of its resources.
 *
 * @param interruption ends what waits to be sent
 */
export function createAccount(
  configuration: Configuration,
  own: Pick<FrontEndProcess, "claims" | "createJournal" | "journal">,
  interruption?: AbortSignal,
): Account {
  const notified = new Set<string>();
  const notify: Account["notify"] = (severity, message) => {
    const line = severity === "warning" ? `warning: ${message}` : message;
    // A setting that moves a hundred threads is one line.
    if (notified.has(line)) return;
    notified.add(line);
    // Pulumi shows what the process writes to stderr. stdout belongs to the plugin protocol.
    console.error(`dashscope: ${line}`);
  };
  return {
    configuration,
    claims: own.claims,
    notify,
    recordDeleted: (id) => own.journal.recordDeleted(id),
    getClient: createClientLoader(configuration, {
      journal: own.createJournal,
      ...(interruption && { interruption }),
      reportWait: (seconds) =>
        notify("info", `DashScope throttles the account. Requests wait for another ${seconds} s.`),
    }),
  };
}
