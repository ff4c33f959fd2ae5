import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Clock } from "./clock";
import type { DataFile } from "./dataFile";
import { type Metadata, metadataSchema } from "./metadata";
import { formatOwner, isOwnedBy, type Owner, ownerFields } from "./owner";
import { type PageQuery, selectPage } from "./paging";

const messageSchema = z.object({
  /** `message_<uuid4>`. */
  id: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  /** Who wrote it. */
  role: z.enum(["user", "assistant"]),
  /** The text. */
  content: z.string(),
  /** IDs of files that the message refers to. */
  fileIds: z.array(z.string()),
  /** As it was given and updated since; `{}` if none was given. */
  metadata: metadataSchema,
});

const threadSchema = z.object({
  /** `thread_<uuid4>`. */
  id: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  /** As it was given and updated since; `{}` if none was given. */
  metadata: metadataSchema,
  ...ownerFields,
});

/** A message as the emulator keeps it. */
export type StoredMessage = z.infer<typeof messageSchema>;

/** A message before the store gives it an ID and a time. */
export type NewMessage = Omit<StoredMessage, "id" | "createdAt">;

/** A thread as the emulator keeps it, without its messages. */
export type ThreadRecord = z.infer<typeof threadSchema>;

/** A thread with its messages, oldest first. */
export interface StoredThread extends ThreadRecord {
  messages: StoredMessage[];
}

/** A thread with its newest messages only, oldest first. */
export interface ThreadSummary extends ThreadRecord {
  messageCount: number;
  newestMessages: StoredMessage[];
}

/** A page of a thread's messages. */
export interface MessagePage {
  messages: StoredMessage[];
  hasMore: boolean;
}

const THREADS = "threads";

/** The threads and messages in a data file. */
export class ThreadStore {
  readonly #file: DataFile;
  readonly #clock: Clock;

  constructor(file: DataFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  createThread(owner: Owner, metadata: Metadata, messages: NewMessage[]): ThreadRecord {
    const thread: ThreadRecord = {
      id: `thread_${randomUUID()}`,
      createdAt: this.#clock.now(),
      metadata,
      ...formatOwner(owner),
    };
    this.#file.write([
      { table: THREADS, key: thread.id, row: thread },
      ...messages.map((message) => {
        const row = this.#completeMessage(message);
        return { table: nameMessageTable(thread.id), key: row.id, row };
      }),
    ]);
    return thread;
  }

  /** Returns undefined if the thread doesn't exist, or belongs to another account or workspace. */
  findThread(owner: Owner, id: string): ThreadRecord | undefined {
    const thread = this.#file.read(THREADS, id, threadSchema);
    return thread !== undefined && isOwnedBy(thread, owner) ? thread : undefined;
  }

  updateThread(thread: ThreadRecord, metadata: Metadata): ThreadRecord {
    const row = { ...thread, metadata };
    this.#file.write([{ table: THREADS, key: thread.id, row }]);
    return row;
  }

  /** Deletes the thread with its messages. */
  deleteThread({ id }: ThreadRecord): void {
    const messages = nameMessageTable(id);
    this.#file.write([
      { table: THREADS, key: id },
      ...this.#file.keys(messages).map((key) => ({ table: messages, key })),
    ]);
  }

  addMessage({ id }: ThreadRecord, message: NewMessage): StoredMessage {
    const row = this.#completeMessage(message);
    this.#file.write([{ table: nameMessageTable(id), key: row.id, row }]);
    return row;
  }

  findMessage({ id }: ThreadRecord, messageId: string): StoredMessage | undefined {
    return this.#file.read(nameMessageTable(id), messageId, messageSchema);
  }

  updateMessage({ id }: ThreadRecord, message: StoredMessage, metadata: Metadata): StoredMessage {
    const row = { ...message, metadata };
    this.#file.write([{ table: nameMessageTable(id), key: message.id, row }]);
    return row;
  }

  /** Returns undefined if a cursor is no message of the thread. */
  listMessages({ id }: ThreadRecord, query: PageQuery): MessagePage | undefined {
    const page = selectPage(this.#file.keys(nameMessageTable(id)), query);
    return page && { messages: this.#readMessages(id, page.ids), hasMore: page.hasMore };
  }

  /** All threads of all accounts and workspaces, oldest first. */
  listThreads(): StoredThread[] {
    return this.#readThreads(this.#file.keys(THREADS)).map((thread) => ({
      ...thread,
      messages: this.#readMessages(thread.id, this.#file.keys(nameMessageTable(thread.id))),
    }));
  }

  countThreads(): number {
    return this.#file.count(THREADS);
  }

  /** The newest threads, newest first, each with its newest messages. */
  summarizeThreads(threads: number, messages: number): ThreadSummary[] {
    return this.#readThreads(this.#file.keys(THREADS).slice(-threads).toReversed()).map((thread) => {
      const keys = this.#file.keys(nameMessageTable(thread.id));
      const newestMessages = this.#readMessages(thread.id, keys.slice(-messages));
      return { ...thread, messageCount: keys.length, newestMessages };
    });
  }

  #completeMessage(message: NewMessage): StoredMessage {
    return { id: `message_${randomUUID()}`, createdAt: this.#clock.now(), ...message };
  }

  #readThreads(keys: string[]): ThreadRecord[] {
    return keys.flatMap((key) => this.#file.read(THREADS, key, threadSchema) ?? []);
  }

  #readMessages(threadId: string, keys: string[]): StoredMessage[] {
    return keys.flatMap((key) => this.#file.read(nameMessageTable(threadId), key, messageSchema) ?? []);
  }
}

function nameMessageTable(threadId: string): string {
  return `messages/${threadId}`;
}
