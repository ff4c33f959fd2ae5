import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { type Database, open, type RootDatabase } from "lmdb";

/** Key-value pairs as a client gave them: DashScope documents an object and no limits. */
export type Metadata = Record<string, unknown>;

/** A message before the store gives it an id and a time. */
export interface NewMessage {
  /** Who speaks. */
  role: "user" | "assistant";
  /** The text. */
  content: string;
  /** Ids of files that the message refers to. */
  fileIds: string[];
  metadata: Metadata;
}

/** A message as the emulator keeps it. */
export interface StoredMessage extends NewMessage {
  /** `message_<uuid4>`. */
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** A thread as the emulator keeps it, without its messages. */
export interface ThreadRecord {
  /** `thread_<uuid4>`. */
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  metadata: Metadata;
  /** The workspace named at creation; absent for the key's own. */
  workspace?: string;
}

/** A thread with its messages, oldest first. */
export interface StoredThread extends ThreadRecord {
  messages: StoredMessage[];
}

interface ThreadRow extends ThreadRecord {
  /** Its place among all threads, by age. */
  order: number;
  /** The number that its next message gets. */
  nextMessage: number;
}

type MessageKey = [threadId: string, number: number];

/** Threads and messages in one lmdb file, or in a temporary one that goes away on {@link Store.close}. */
export class Store {
  readonly #root: RootDatabase;
  readonly #threads: Database<ThreadRow, string>;
  readonly #threadOrder: Database<string, number>;
  readonly #messages: Database<StoredMessage, MessageKey>;
  readonly #messageKeys: Database<MessageKey, string>;
  #nextThread: number;

  /** @throws Error when the file cannot be opened or another emulator has it. */
  constructor(path: string | undefined) {
    this.#root = openRoot(path);
    // JSON, because it gives back every string and key that JSON can carry, lone surrogates and `__proto__` included.
    this.#threads = this.#root.openDB({ name: "threads", encoding: "json" });
    this.#threadOrder = this.#root.openDB({ name: "thread-order", encoding: "json" });
    this.#messages = this.#root.openDB({ name: "messages", encoding: "json" });
    this.#messageKeys = this.#root.openDB({ name: "message-keys", encoding: "json" });
    const [newest] = this.#threadOrder.getKeys({ reverse: true, limit: 1 });
    this.#nextThread = newest === undefined ? 0 : newest + 1;
  }

  createThread(
    workspace: string | undefined,
    metadata: Metadata,
    messages: NewMessage[],
  ): Promise<ThreadRecord> {
    const row: ThreadRow = {
      id: `thread_${randomUUID()}`,
      createdAt: Date.now(),
      metadata,
      ...(workspace !== undefined && { workspace }),
      order: this.#nextThread++,
      nextMessage: messages.length,
    };
    return this.#root.transaction(() => {
      this.#threads.put(row.id, row);
      this.#threadOrder.put(row.order, row.id);
      messages.forEach((message, number) => {
        this.#putNewMessage([row.id, number], message);
      });
      return row;
    });
  }

  /** The thread, unless it is gone or lives in another workspace. */
  thread(workspace: string | undefined, id: string): ThreadRecord | undefined {
    return this.#row(workspace, id);
  }

  updateThread(
    workspace: string | undefined,
    id: string,
    change: (metadata: Metadata) => Metadata,
  ): Promise<ThreadRecord | undefined> {
    return this.#root.transaction(() => {
      const row = this.#row(workspace, id);
      if (row === undefined) return undefined;
      const changed = { ...row, metadata: change(row.metadata) };
      this.#threads.put(id, changed);
      return changed;
    });
  }

  /** Removes the thread and its messages; false when there was none. */
  deleteThread(workspace: string | undefined, id: string): Promise<boolean> {
    return this.#root.transaction(() => {
      const row = this.#row(workspace, id);
      if (row === undefined) return false;
      for (const { key, value } of [...this.#messages.getRange(wholeThread(id))]) {
        this.#messages.remove(key);
        this.#messageKeys.remove(value.id);
      }
      this.#threadOrder.remove(row.order);
      this.#threads.remove(id);
      return true;
    });
  }

  /** All threads of all workspaces, oldest first. */
  threads(): StoredThread[] {
    const all: StoredThread[] = [];
    for (const { value: id } of this.#threadOrder.getRange()) {
      const row = this.#threads.get(id);
      if (row !== undefined) all.push({ ...withoutBookkeeping(row), messages: this.#messagesOf(id) });
    }
    return all;
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #row(workspace: string | undefined, id: string): ThreadRow | undefined {
    const row = isThreadId(id) ? this.#threads.get(id) : undefined;
    return row?.workspace === workspace ? row : undefined;
  }

  #putNewMessage(key: MessageKey, message: NewMessage): StoredMessage {
    const stored = { id: `message_${randomUUID()}`, createdAt: Date.now(), ...message };
    this.#messages.put(key, stored);
    this.#messageKeys.put(stored.id, key);
    return stored;
  }

  #messagesOf(threadId: string): StoredMessage[] {
    return [...this.#messages.getRange(wholeThread(threadId))].map(({ value }) => value);
  }
}

// lmdb refuses keys longer than about 2,000 bytes, and a path can carry more than that.
const isThreadId = (id: string): boolean => /^thread_[0-9a-f-]{36}$/.test(id);

const wholeThread = (id: string): { start: MessageKey; end: MessageKey } => ({
  start: [id, 0],
  end: [id, Number.MAX_SAFE_INTEGER],
});

function withoutBookkeeping({ id, createdAt, metadata, workspace }: ThreadRow): ThreadRecord {
  return { id, createdAt, metadata, ...(workspace !== undefined && { workspace }) };
}

function openRoot(path: string | undefined): RootDatabase {
  if (path === undefined) return open({ noSubdir: true });
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`The data file ${path} is a folder: name a file in it.`);
  const root = open({ path, noSubdir: true });
  const other = otherProcess(root);
  if (other === undefined) return root;
  void root.close();
  throw new Error(`The data file ${path} is in use by another emulator (process ${other}).`);
}

/**
 * The process that has the file open besides this one. lmdb's table of readers tells, after dropping whoever was
 * killed: it asks the operating system, not a file that a killed process leaves behind.
 */
function otherProcess(root: RootDatabase): number | undefined {
  // A first read puts ourselves into the table: of two emulators that start at once, one at least sees the other.
  root.get("");
  root.readerCheck();
  const processes = [...root.readerList().matchAll(/^ *(\d+)/gm)].map(([, pid]) => Number(pid));
  return processes.find((pid) => pid !== process.pid);
}
