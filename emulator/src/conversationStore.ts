import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Clock } from "./clock";
import type { Change, DataFile } from "./dataFile";
import { type Metadata, metadataSchema } from "./metadata";
import { formatOwner, isOwnedBy, type Owner, ownerFields } from "./owner";
import { type PageQuery, selectPage } from "./paging";

const itemSchema = z.object({
  /** `msg_<uuid4>`. */
  id: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  role: z.enum(["user", "assistant", "system", "developer"]),
  /** The text, or its parts. */
  content: z.union([
    z.string(),
    z.array(z.object({ type: z.enum(["input_text", "output_text"]), text: z.string() })),
  ]),
});

const conversationFields = {
  /** `conv_<uuid4>`. */
  id: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  /** As it was given and updated since; `{}` if none was given. */
  metadata: metadataSchema,
  ...ownerFields,
};

const rowSchema = z.object({
  ...conversationFields,
  /** Set when the conversation is deleted, because its items aren't deleted with it. */
  isDeleted: z.boolean().exactOptional(),
});

/** An item as the emulator keeps it. */
export type StoredItem = z.infer<typeof itemSchema>;

/** An item before the store gives it an ID and a time. */
export type NewItem = Omit<StoredItem, "id" | "createdAt">;

/** A conversation as the emulator keeps it, without its items. */
export type ConversationRecord = z.infer<typeof rowSchema>;

/** A conversation with its items, oldest first. */
export interface StoredConversation extends z.infer<z.ZodObject<typeof conversationFields>> {
  items: StoredItem[];
}

/** A page of a conversation's items. */
export interface ItemPage {
  items: StoredItem[];
  hasMore: boolean;
}

const CONVERSATIONS = "conversations";
const KEPT_ITEMS = 100;
const KEPT_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** The conversations and items in a data file. A conversation keeps its newest 100 items of the last 7 days. */
export class ConversationStore {
  readonly #file: DataFile;
  readonly #clock: Clock;

  constructor(file: DataFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  createConversation(owner: Owner, metadata: Metadata, items: NewItem[]): ConversationRecord {
    const conversation: ConversationRecord = {
      id: `conv_${randomUUID()}`,
      createdAt: this.#clock.now(),
      metadata,
      ...formatOwner(owner),
    };
    const rows = items.map((item) => this.#completeItem(item));
    this.#file.write([
      { table: CONVERSATIONS, key: conversation.id, row: conversation },
      ...formatPuts(conversation, rows),
    ]);
    return conversation;
  }

  /** Returns undefined if the conversation never existed, or belongs to another account or workspace. */
  findConversation(owner: Owner, id: string): ConversationRecord | undefined {
    const conversation = this.#file.read(CONVERSATIONS, id, rowSchema);
    return conversation !== undefined && isOwnedBy(conversation, owner) ? conversation : undefined;
  }

  updateConversation(conversation: ConversationRecord, metadata: Metadata): ConversationRecord {
    return this.#put({ ...conversation, metadata });
  }

  /** Deletes the conversation and leaves its items, as documented. */
  deleteConversation(conversation: ConversationRecord): void {
    this.#put({ ...conversation, isDeleted: true });
  }

  addItems(conversation: ConversationRecord, items: NewItem[]): StoredItem[] {
    const rows = items.map((item) => this.#completeItem(item));
    this.#file.write(formatPuts(conversation, rows));
    this.#cleanUp(conversation.id);
    return rows;
  }

  findItem({ id }: ConversationRecord, itemId: string): StoredItem | undefined {
    this.#cleanUp(id);
    return this.#file.read(nameItemTable(id), itemId, itemSchema);
  }

  deleteItem({ id }: ConversationRecord, item: StoredItem): void {
    this.#file.write([{ table: nameItemTable(id), key: item.id }]);
  }

  /** Returns undefined if the cursor is no item of the conversation. */
  listItems({ id }: ConversationRecord, query: PageQuery): ItemPage | undefined {
    this.#cleanUp(id);
    const page = selectPage(this.#file.keys(nameItemTable(id)), query);
    return page && { items: this.#readItems(id, page.ids), hasMore: page.hasMore };
  }

  /** All conversations of all accounts and workspaces, oldest first. */
  listConversations(): StoredConversation[] {
    return this.#readConversations().map((conversation) => this.#attachItems(conversation));
  }

  countConversations(): number {
    return this.#readConversations().length;
  }

  /** The newest conversations with their items, newest first. */
  summarizeConversations(count: number): StoredConversation[] {
    return this.#readConversations()
      .slice(-count)
      .toReversed()
      .map((conversation) => this.#attachItems(conversation));
  }

  #attachItems(conversation: ConversationRecord): StoredConversation {
    this.#cleanUp(conversation.id);
    const items = this.#readItems(conversation.id, this.#file.keys(nameItemTable(conversation.id)));
    return { ...conversation, items };
  }

  #put(conversation: ConversationRecord): ConversationRecord {
    this.#file.write([{ table: CONVERSATIONS, key: conversation.id, row: conversation }]);
    return conversation;
  }

  /** Removes the items that are too old or too many. */
  #cleanUp(id: string): void {
    const table = nameItemTable(id);
    const keys = this.#file.keys(table);
    const newest = new Set(keys.slice(-KEPT_ITEMS));
    const oldest = this.#clock.now() - KEPT_MILLISECONDS;
    const isKept = (key: string) =>
      newest.has(key) && (this.#file.read(table, key, itemSchema)?.createdAt ?? 0) > oldest;
    const expired = keys.filter((key) => !isKept(key));
    if (expired.length > 0) this.#file.write(expired.map((key) => ({ table, key })));
  }

  #completeItem(item: NewItem): StoredItem {
    return { id: `msg_${randomUUID()}`, createdAt: this.#clock.now(), ...item };
  }

  #readConversations(): ConversationRecord[] {
    return this.#file
      .keys(CONVERSATIONS)
      .flatMap((key) => this.#file.read(CONVERSATIONS, key, rowSchema) ?? [])
      .filter(({ isDeleted }) => !isDeleted);
  }

  #readItems(id: string, keys: string[]): StoredItem[] {
    return keys.flatMap((key) => this.#file.read(nameItemTable(id), key, itemSchema) ?? []);
  }
}

function formatPuts({ id }: ConversationRecord, items: StoredItem[]): Change[] {
  return items.map((row) => ({ table: nameItemTable(id), key: row.id, row }));
}

function nameItemTable(conversationId: string): string {
  return `items/${conversationId}`;
}
