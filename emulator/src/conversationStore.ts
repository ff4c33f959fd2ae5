import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Clock } from "./clock";
import type { DataFile } from "./dataFile";
import { type Metadata, metadataSchema } from "./metadata";
import { formatOwner, isOwnedBy, type Owner, ownerFields } from "./owner";
import { type PageQuery, selectPage } from "./paging";
import { Table } from "./table";

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

const KEPT_ITEMS = 100;
const KEPT_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** The conversations and items in a data file. A conversation keeps its newest 100 items of the last 7 days. */
export class ConversationStore {
  readonly #file: DataFile;
  readonly #clock: Clock;
  readonly #conversations: Table<ConversationRecord>;

  constructor(file: DataFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#conversations = new Table(file, "conversations", rowSchema);
  }

  createConversation(owner: Owner, metadata: Metadata, items: NewItem[]): ConversationRecord {
    const conversation: ConversationRecord = {
      id: `conv_${randomUUID()}`,
      createdAt: this.#clock.now(),
      metadata,
      ...formatOwner(owner),
    };
    const table = this.#selectItems(conversation);
    this.#file.write([
      this.#conversations.put(conversation),
      ...items.map((item) => table.put(this.#completeItem(item))),
    ]);
    return conversation;
  }

  /** Returns undefined if the conversation never existed, or belongs to another account or workspace. */
  findConversation(owner: Owner, id: string): ConversationRecord | undefined {
    const conversation = this.#conversations.find(id);
    return conversation !== undefined && isOwnedBy(conversation, owner) ? conversation : undefined;
  }

  updateConversation(conversation: ConversationRecord, metadata: Metadata): ConversationRecord {
    return this.#conversations.save({ ...conversation, metadata });
  }

  /** Deletes the conversation and leaves its items, as documented. */
  deleteConversation(conversation: ConversationRecord): void {
    this.#conversations.save({ ...conversation, isDeleted: true });
  }

  addItems(conversation: ConversationRecord, items: NewItem[]): StoredItem[] {
    const table = this.#selectItems(conversation);
    const rows = items.map((item) => this.#completeItem(item));
    this.#file.write(rows.map((row) => table.put(row)));
    this.#cleanUp(table);
    return rows;
  }

  findItem(conversation: ConversationRecord, itemId: string): StoredItem | undefined {
    return this.#cleanUp(this.#selectItems(conversation)).find(itemId);
  }

  deleteItem(conversation: ConversationRecord, item: StoredItem): void {
    this.#file.write([this.#selectItems(conversation).remove(item.id)]);
  }

  /** Returns undefined if the cursor is no item of the conversation. */
  listItems(conversation: ConversationRecord, query: PageQuery): ItemPage | undefined {
    const table = this.#cleanUp(this.#selectItems(conversation));
    const page = selectPage(table.ids(), query);
    return page && { items: table.list(page.ids), hasMore: page.hasMore };
  }

  /** All conversations of all accounts and workspaces, oldest first. */
  listConversations(): StoredConversation[] {
    return this.#listRecords().map((conversation) => this.#attachItems(conversation));
  }

  countConversations(): number {
    return this.#listRecords().length;
  }

  /** The newest conversations with their items, newest first. */
  summarizeConversations(count: number): StoredConversation[] {
    return this.#listRecords()
      .slice(-count)
      .toReversed()
      .map((conversation) => this.#attachItems(conversation));
  }

  #listRecords(): ConversationRecord[] {
    return this.#conversations.list().filter(({ isDeleted }) => !isDeleted);
  }

  #attachItems(conversation: ConversationRecord): StoredConversation {
    return { ...conversation, items: this.#cleanUp(this.#selectItems(conversation)).list() };
  }

  #selectItems({ id }: ConversationRecord): Table<StoredItem> {
    return new Table(this.#file, `items/${id}`, itemSchema);
  }

  /** Removes the items that are too old or too many. */
  #cleanUp(table: Table<StoredItem>): Table<StoredItem> {
    const oldest = this.#clock.now() - KEPT_MILLISECONDS;
    const items = table.list();
    const expired = items.filter(
      ({ createdAt }, index) => index < items.length - KEPT_ITEMS || createdAt <= oldest,
    );
    if (expired.length > 0) this.#file.write(expired.map(({ id }) => table.remove(id)));
    return table;
  }

  #completeItem(item: NewItem): StoredItem {
    return { id: `msg_${randomUUID()}`, createdAt: this.#clock.now(), ...item };
  }
}
