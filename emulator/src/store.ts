import { randomUUID } from "node:crypto";
import type { Database, RootDatabase } from "lmdb";
import { type DataFile, openDataFile, openTemporaryFile } from "./dataFile";

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
  /** As it was given and updated since; `{}` when none was. */
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
  /** As it was given and updated since; `{}` when none was. */
  metadata: Metadata;
  /** The account of the key that created it; absent for the default account. */
  account?: string;
  /** The workspace named at creation; absent for the key's own. */
  workspace?: string;
}

/** Who can reach a thread: the account and the workspace that created it. */
export interface Owner {
  readonly account: string | undefined;
  readonly workspace: string | undefined;
}

/** A thread with its messages, oldest first. */
export interface StoredThread extends ThreadRecord {
  messages: StoredMessage[];
}

/** A thread as a person is shown it. */
export interface NewestThread extends ThreadRecord {
  messageCount: number;
  newestMessages: StoredMessage[];
}

interface ThreadRow extends ThreadRecord {
  /** Its place among all threads, by age. */
  order: number;
  /** The number that its next message gets. */
  nextMessage: number;
}

/** Which messages of a thread are wanted. */
export interface PageRequest {
  limit: number;
  /** By age: `asc` is oldest first. */
  order: "asc" | "desc";
  /** The id of the message after which the page starts, in the order asked for. */
  after?: string;
  /** The id of the message before which the page ends, in the order asked for. */
  before?: string;
}

/** Some messages of a thread, in the order asked for. */
export interface Page {
  messages: StoredMessage[];
  /** Whether there are more in the direction in which the page was read. */
  hasMore: boolean;
}

type MessageKey = [threadId: string, number: number];

/** Threads and messages in one lmdb file, or in a temporary one that goes away on {@link Store.close}. */
export class Store {
  readonly #file: DataFile;
  readonly #root: RootDatabase;
  readonly #threads: Database<ThreadRow, string>;
  readonly #threadOrder: Database<string, number>;
  readonly #messages: Database<StoredMessage, MessageKey>;
  readonly #messageKeys: Database<MessageKey, string>;
  #nextThread: number;

  /** @throws Error when the file cannot be opened or another emulator has it. */
  constructor(path: string | undefined) {
    this.#file = path === undefined ? openTemporaryFile() : openDataFile(path);
    this.#root = this.#file.root;
    // JSON, because it gives back every string and key that JSON can carry, lone surrogates and `__proto__` included.
    this.#threads = this.#root.openDB({ name: "threads", encoding: "json" });
    this.#threadOrder = this.#root.openDB({ name: "thread-order", encoding: "json" });
    this.#messages = this.#root.openDB({ name: "messages", encoding: "json" });
    this.#messageKeys = this.#root.openDB({ name: "message-keys", encoding: "json" });
    const [newest] = this.#threadOrder.getKeys({ reverse: true, limit: 1 });
    this.#nextThread = newest === undefined ? 0 : newest + 1;
  }

  createThread(owner: Owner, metadata: Metadata, messages: NewMessage[]): Promise<ThreadRecord> {
    const row: ThreadRow = {
      id: `thread_${randomUUID()}`,
      createdAt: Date.now(),
      metadata,
      ...(owner.account !== undefined && { account: owner.account }),
      ...(owner.workspace !== undefined && { workspace: owner.workspace }),
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

  /** The thread, unless it is gone or belongs to another account or workspace. */
  thread(owner: Owner, id: string): ThreadRecord | undefined {
    return this.#row(owner, id);
  }

  updateThread(
    owner: Owner,
    id: string,
    change: (metadata: Metadata) => Metadata,
  ): Promise<ThreadRecord | undefined> {
    return this.#root.transaction(() => {
      const row = this.#row(owner, id);
      if (row === undefined) return undefined;
      const changed = { ...row, metadata: change(row.metadata) };
      this.#threads.put(id, changed);
      return changed;
    });
  }

  /** Removes the thread and its messages; false when there was none. */
  deleteThread(owner: Owner, id: string): Promise<boolean> {
    return this.#root.transaction(() => {
      const row = this.#row(owner, id);
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

  /** Adds a message; undefined when the thread is gone. */
  addMessage(owner: Owner, threadId: string, message: NewMessage): Promise<StoredMessage | undefined> {
    return this.#root.transaction(() => {
      const row = this.#row(owner, threadId);
      if (row === undefined) return undefined;
      this.#threads.put(threadId, { ...row, nextMessage: row.nextMessage + 1 });
      return this.#putNewMessage([threadId, row.nextMessage], message);
    });
  }

  /** The message of that thread, which the caller has found to exist. */
  message(threadId: string, id: string): StoredMessage | undefined {
    const key = this.#messageKey(threadId, id);
    return key && this.#messages.get(key);
  }

  updateMessage(
    threadId: string,
    id: string,
    change: (metadata: Metadata) => Metadata,
  ): Promise<StoredMessage | undefined> {
    return this.#root.transaction(() => {
      const key = this.#messageKey(threadId, id);
      if (key === undefined) return undefined;
      const message = this.#messages.get(key);
      if (message === undefined) return undefined;
      const changed = { ...message, metadata: change(message.metadata) };
      this.#messages.put(key, changed);
      return changed;
    });
  }

  /** One page of a thread's messages; undefined when a cursor is none of them. */
  listMessages(threadId: string, { limit, order, after, before }: PageRequest): Page | undefined {
    const afterNumber = after === undefined ? undefined : this.#messageKey(threadId, after)?.[1];
    const beforeNumber = before === undefined ? undefined : this.#messageKey(threadId, before)?.[1];
    if (
      (after !== undefined && afterNumber === undefined) ||
      (before !== undefined && beforeNumber === undefined)
    )
      return undefined;
    const [above, below] = order === "asc" ? [afterNumber, beforeNumber] : [beforeNumber, afterNumber];
    // `before` alone asks for the page that ends there, so it is read backwards from there and turned round.
    const backwards = before !== undefined && after === undefined;
    const oldestFirst = (order === "asc") !== backwards;
    const lowest = (above ?? -1) + 1;
    const highest = (below ?? Number.MAX_SAFE_INTEGER) - 1;
    const range = oldestFirst
      ? { start: messageKey(threadId, lowest), end: messageKey(threadId, highest + 1) }
      : { start: messageKey(threadId, highest), end: messageKey(threadId, lowest - 1), reverse: true };
    const found = [...this.#messages.getRange({ ...range, limit: limit + 1 })].map(({ value }) => value);
    const messages = found.slice(0, limit);
    return { messages: backwards ? messages.reverse() : messages, hasMore: found.length > limit };
  }

  /** All threads of all accounts and workspaces, oldest first. */
  threads(): StoredThread[] {
    const all: StoredThread[] = [];
    for (const { value: id } of this.#threadOrder.getRange()) {
      const row = this.#threads.get(id);
      if (row !== undefined) all.push({ ...withoutBookkeeping(row), messages: this.#messagesOf(id) });
    }
    return all;
  }

  threadCount(): number {
    return this.#threads.getCount();
  }

  /** The `threads` newest threads, newest first, each with its `messages` newest messages, oldest first. */
  newestThreads(threads: number, messages: number): NewestThread[] {
    const newest: NewestThread[] = [];
    for (const { value: id } of this.#threadOrder.getRange({ reverse: true, limit: threads })) {
      const row = this.#threads.get(id);
      const page = this.listMessages(id, { limit: messages, order: "desc" });
      if (row === undefined || page === undefined) continue;
      const newestMessages = page.messages.reverse();
      newest.push({ ...withoutBookkeeping(row), messageCount: row.nextMessage, newestMessages });
    }
    return newest;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #row(owner: Owner, id: string): ThreadRow | undefined {
    const row = isThreadId(id) ? this.#threads.get(id) : undefined;
    return row?.account === owner.account && row?.workspace === owner.workspace ? row : undefined;
  }

  #messageKey(threadId: string, id: string): MessageKey | undefined {
    const key = isMessageId(id) ? this.#messageKeys.get(id) : undefined;
    return key?.[0] === threadId ? key : undefined;
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
const isMessageId = (id: string): boolean => /^message_[0-9a-f-]{36}$/.test(id);

const messageKey = (threadId: string, number: number): MessageKey => [threadId, number];

const wholeThread = (id: string): { start: MessageKey; end: MessageKey } => ({
  start: messageKey(id, 0),
  end: messageKey(id, Number.MAX_SAFE_INTEGER),
});

function withoutBookkeeping({ order, nextMessage, ...record }: ThreadRow): ThreadRecord {
  return record;
}
