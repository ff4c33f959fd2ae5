import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isJournalFile, type JournalLine } from "./journal";

/** A create of the journal. */
export interface JournaledCreate {
  readonly time: string;
  readonly noun: string;
  readonly baseUrl: string;
  readonly workspace?: string;
  /** The fingerprint of the key. */
  readonly key: string;
  readonly end: "created" | "refused" | "uncertain" | "unanswered";
  readonly id?: string;
}

/** Everything that the journal says. */
export interface JournalContent {
  readonly creates: readonly JournaledCreate[];
  /** The IDs that the provider deleted or found gone. */
  readonly deleted: ReadonlySet<string>;
}

/** Reads all files of a journal folder. A line that a kill cut short is left out. */
export function readJournal(folder: string): JournalContent {
  const deleted = new Set<string>();
  const creates = listJournalFiles(folder).flatMap((file) => {
    const open = new Map<number, JournaledCreate>();
    for (const line of readLines(file)) {
      if (line.event === "deleted") deleted.add(line.id);
      else if (line.event === "sent") {
        const { event: _, create, ...sent } = line;
        open.set(create, { ...sent, end: "unanswered" });
      } else {
        const sent = open.get(line.create);
        const id = "id" in line ? line.id : undefined;
        if (sent) open.set(line.create, { ...sent, end: line.event, ...(id !== undefined && { id }) });
      }
    }
    return [...open.values()];
  });
  return { creates, deleted };
}

function listJournalFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(isJournalFile)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function readLines(file: string): JournalLine[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return line === "" ? [] : [JSON.parse(line)];
      } catch {
        return [];
      }
    });
}
