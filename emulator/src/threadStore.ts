import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Clock } from "./clock";
import type { DataFile } from "./dataFile";
import { type Metadata, metadataSchema } from "./metadata";
import { formatOwner, isOwnedBy, type Owner, ownerFields } from "./owner";
import { type PageQuery, selectPage } from "./paging";
import { Table } from "./table";

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

/** The threads and messages in a data file. */
export class ThreadStore {
  readonly #file: DataFile;
  readonly #clock: Clock;
  readonly #threads: Table<ThreadRecord>;

  constructor(file: DataFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#threads = new Table(file, "threads", threadSchema);
  }

  createThread(owner: Owner, metadata: Metadata, messages: NewMessage[]): ThreadRecord {
    const thread: ThreadRecord = {
      id: `thread_${randomUUID()}`,
      createdAt: this.#clock.now(),
      metadata,
      ...formatOwner(owner),
    };
    const table = this.#selectMessages(thread);
    this.#file.write([
      this.#threads.put(thread),
      ...messages.map((message) => table.put(this.#completeMessage(message))),
    ]);
    return thread;
  }

  /** Returns undefined if the thread doesn't exist, or belongs to another account or workspace. */
  findThread(owner: Owner, id: string): ThreadRecord | undefined {
    const thread = this.#threads.find(id);
    return thread !== undefined && isOwnedBy(thread, owner) ? thread : undefined;
  }

  updateThread(thread: ThreadRecord, metadata: Metadata): ThreadRecord {
    return this.#threads.save({ ...thread, metadata });
  }

  /** Deletes the thread with its messages. */
  deleteThread(thread: ThreadRecord): void {
    const messages = this.#selectMessages(thread);
    this.#file.write([
      this.#threads.remove(thread.id),
      ...messages.ids().map((messageId) => messages.remove(messageId)),
    ]);
  }

  addMessage(thread: ThreadRecord, message: NewMessage): StoredMessage {
    return this.#selectMessages(thread).save(this.#completeMessage(message));
  }

  findMessage(thread: ThreadRecord, messageId: string): StoredMessage | undefined {
    return this.#selectMessages(thread).find(messageId);
  }

  updateMessage(thread: ThreadRecord, message: StoredMessage, metadata: Metadata): StoredMessage {
    return this.#selectMessages(thread).save({ ...message, metadata });
  }

  /** Returns undefined if a cursor is no message of the thread. */
  listMessages(thread: ThreadRecord, query: PageQuery): MessagePage | undefined {
    const table = this.#selectMessages(thread);
    const page = selectPage(table.ids(), query);
    return page && { messages: table.list(page.ids), hasMore: page.hasMore };
  }

  /** All threads of all accounts and workspaces, oldest first. */
  listThreads(): StoredThread[] {
    return this.#threads
      .list()
      .map((thread) => ({ ...thread, messages: this.#selectMessages(thread).list() }));
  }

  countThreads(): number {
    return this.#threads.ids().length;
  }

  /** The newest threads, newest first, each with its newest messages. */
  summarizeThreads(threads: number, messages: number): ThreadSummary[] {
    return this.#threads.list(this.#threads.ids().slice(-threads).toReversed()).map((thread) => {
      const table = this.#selectMessages(thread);
      const ids = table.ids();
      return { ...thread, messageCount: ids.length, newestMessages: table.list(ids.slice(-messages)) };
    });
  }

  #selectMessages({ id }: { id: string }): Table<StoredMessage> {
    return new Table(this.#file, `messages/${id}`, messageSchema);
  }

  #completeMessage(message: NewMessage): StoredMessage {
    return { id: `message_${randomUUID()}`, createdAt: this.#clock.now(), ...message };
  }
}
