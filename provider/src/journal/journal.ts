import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { CreateRecord } from "../dashscope/client";
import { ConfigurationError } from "../dashscope/errors";
import { computeFingerprint } from "../dashscope/fingerprint";
import type { Endpoint } from "../dashscope/url";

/** One line of the journal. It never contains a key, a message or metadata. */
export type JournalLine =
  | {
      readonly event: "sent";
      /** ISO 8601. */
      readonly time: string;
      /** Tells this create from the others of the same file. */
      readonly create: number;
      readonly noun: string;
      readonly baseUrl: string;
      readonly workspace?: string;
      /** The fingerprint of the key. */
      readonly key: string;
    }
  | {
      readonly event: "created" | "uncertain";
      readonly time: string;
      readonly create: number;
      readonly id?: string;
    }
  | { readonly event: "refused"; readonly time: string; readonly create: number }
  | { readonly event: "deleted"; readonly time: string; readonly id: string };

/** Records every create before it's sent, and its end, so that a killed run leaves a trace of what it created. */
export interface Journal {
  begin(create: { readonly noun: string; readonly endpoint: Endpoint; readonly key: string }): CreateRecord;
  /** Records that something was deleted, or is gone. */
  recordDeleted(id: string): void;
  /** Records that the run ended by itself. */
  close(): void;
}

const mostFiles = 100;
const mostBytes = 32 * 1024 * 1024;

/**
 * Returns the folder of the journal: `DASHSCOPE_JOURNAL`, else `dashscope/journal` in Pulumi's own folder. `undefined` if
 * `DASHSCOPE_JOURNAL` is `off`.
 */
export function getJournalFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const configured = environment["DASHSCOPE_JOURNAL"];
  if (configured?.toLowerCase() === "off") return undefined;
  return configured || join(environment["PULUMI_HOME"] || join(homedir(), ".pulumi"), "dashscope", "journal");
}

/** Opens the journal of this process. Its file is created with the first line. */
export function openJournal(environment: NodeJS.ProcessEnv): Journal {
  const folder = getJournalFolder(environment);
  return folder === undefined ? disabled : new FileJournal(folder);
}

/** A file for each process, so that several never write to the same one. `-open` in its name says that the process hasn't ended. */
class FileJournal implements Journal {
  readonly #folder: string;
  #file: string | undefined;
  #creates = 0;
  #isClosed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  begin({ noun, endpoint, key }: Parameters<Journal["begin"]>[0]): CreateRecord {
    const create = ++this.#creates;
    const fingerprint = computeFingerprint(endpoint.baseUrl, key);
    try {
      this.#write({ event: "sent", time: now(), create, noun, ...endpoint, key: fingerprint });
    } catch {
      throw new ConfigurationError(
        `The create wasn't sent, because the provider can't write its journal to ${this.#folder}. Set \`DASHSCOPE_JOURNAL\` to a folder that it can write to, or to \`off\`.`,
      );
    }
    return {
      created: (id) => this.#tryWrite({ event: "created", time: now(), create, id }),
      refused: () => this.#tryWrite({ event: "refused", time: now(), create }),
      uncertain: (id) =>
        this.#tryWrite({ event: "uncertain", time: now(), create, ...(id !== undefined && { id }) }),
    };
  }

  recordDeleted(id: string): void {
    this.#tryWrite({ event: "deleted", time: now(), id });
  }

  close(): void {
    if (this.#file === undefined || this.#isClosed) return;
    this.#isClosed = true;
    try {
      renameSync(this.#file, this.#file.replace("-open.jsonl", ".jsonl"));
    } catch {
      // Someone removed the journal.
    }
  }

  /** Writes a line about a request that was sent. A full disk must not hide what became of it. */
  #tryWrite(line: JournalLine): void {
    try {
      this.#write(line);
    } catch {
      // The line that says that the create was sent is there.
    }
  }

  #write(line: JournalLine): void {
    this.#file ??= this.#create();
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #create(): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    removeOldest(this.#folder);
    return join(this.#folder, `${now().replace(/[:.]/g, "-")}-${process.pid}-open.jsonl`);
  }
}

const disabled: Journal = {
  begin: () => ({ created: () => undefined, refused: () => undefined, uncertain: () => undefined }),
  recordDeleted: () => undefined,
  close: () => undefined,
};

/** Keeps the journal within its bounds. The names begin with the time, so that the newest are last. */
function removeOldest(folder: string): void {
  let bytes = 0;
  for (const [age, name] of readdirSync(folder).filter(isJournalFile).sort().reverse().entries()) {
    const file = join(folder, name);
    bytes += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (age >= mostFiles || bytes > mostBytes) rmSync(file, { force: true });
  }
}

/** Whether a file of the folder is a journal. */
export function isJournalFile(name: string): boolean {
  return /^\d{4}-.*\.jsonl$/.test(name);
}

function now(): string {
  return new Date().toISOString();
}
