import { type Configuration, createClientLoader } from "../config/configuration";
import type { Account } from "../resource/lifecycle";
import type { HostProcess } from "./process";

/** Creates the account of one host process: one client, and so one pacer, for all of its resources. */
export function createAccount(
  configuration: Configuration,
  host: Pick<HostProcess, "claims" | "createJournal" | "journal">,
): Account {
  const notified = new Set<string>();
  const notify: Account["notify"] = (severity, message) => {
    const line = severity === "warning" ? `warning: ${message}` : message;
    // A setting that moves a hundred threads is one line.
    if (notified.has(line)) return;
    notified.add(line);
    // Pulumi shows what a host writes to stderr. stdout belongs to the plugin protocol.
    console.error(`dashscope: ${line}`);
  };
  return {
    configuration,
    claims: host.claims,
    notify,
    recordDeleted: (id) => host.journal.recordDeleted(id),
    getClient: createClientLoader(configuration, {
      journal: host.createJournal,
      reportWait: (seconds) =>
        notify("info", `DashScope throttles the account. Requests wait for another ${seconds} s.`),
    }),
  };
}
