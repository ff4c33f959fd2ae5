import { type Call, Client } from "../../../../provider/src/dashscope/client";
import { RequestError } from "../../../../provider/src/dashscope/errors";
import type { OutcomeName } from "../../../../provider/src/dashscope/outcomes";

const mostKept = 100;

/** What becomes of one call that adds items. */
export type Fate = "works" | "is refused" | "is lost before the work" | "is lost after the work";

interface StoredItem {
  readonly id: string;
  readonly role: string;
  readonly text: string;
}

/** Conversations in memory, whose calls that add items may be lost, and which keep the newest 100 items. */
export class FakeService extends Client {
  readonly metadata = new Map<string, unknown>();
  /** The items of the only conversation, oldest first. */
  items: StoredItem[] = [];
  readonly requests: string[] = [];
  /** What becomes of the next calls that add items. Afterwards all of them work. */
  fates: Fate[] = [];
  /** Fails everything with this outcome. */
  failure: OutcomeName | undefined;
  #count = 0;

  constructor() {
    super({
      getCredential: () => ({ key: "sk-fake", source: "a test" }),
      settings: {
        connectTimeout: 1,
        requestTimeout: 1,
        operationTimeout: 1,
        maxRetries: 0,
        maxConcurrency: 1,
      },
    });
  }

  override async perform<T>(call: Call<T>): Promise<T> {
    this.requests.push(`${call.method} ${call.path.join("/")}`);
    if (this.failure !== undefined) throw buildError(this.failure);
    const result = call.read(this.#answer(call), `request-${this.requests.length}`);
    if (result === undefined) throw buildError("foreign");
    return result;
  }

  /** Adds items, as anyone does who uses the conversation. */
  add(given: readonly { readonly role: string; readonly text: string }[]): readonly StoredItem[] {
    const added = given.map(({ role, text }) => ({ id: `msg_${++this.#count}`, role, text }));
    this.items = [...this.items, ...added].slice(-mostKept);
    return added;
  }

  /** Lets the oldest items expire. */
  expire(count: number): void {
    this.items = this.items.slice(count);
  }

  #answer(call: Call<unknown>): unknown {
    const [, id = `conv_${this.metadata.size + 1}`, items] = call.path;
    if (items !== undefined)
      return call.method === "POST" ? this.#addAsAsked(call) : this.#list(call.query?.["after"]);
    if (call.path.length > 1 && !this.metadata.has(id)) throw buildError("gone");
    if (call.method === "DELETE") return { deleted: this.metadata.delete(id) };
    if (call.method === "POST") {
      this.metadata.set(id, readField(call.body, "metadata") ?? {});
      this.add(readItems(call.body));
    }
    return { id, created_at: 1000, metadata: this.metadata.get(id) };
  }

  #addAsAsked(call: Call<unknown>): unknown {
    const fate = this.fates.shift() ?? "works";
    if (fate === "is refused") throw buildError("refused");
    if (fate === "is lost before the work") throw buildError("connection");
    const added = this.add(readItems(call.body));
    if (fate === "is lost after the work") throw buildError("timeout");
    return { data: added.map(formatItem), has_more: false };
  }

  /** Pages are short, so that few items are many pages. */
  #list(after: string | undefined): unknown {
    const start = after === undefined ? 0 : this.items.findIndex(({ id }) => id === after) + 1;
    const page = this.items.slice(start, start + 7);
    return { data: page.map(formatItem), has_more: start + page.length < this.items.length };
  }
}

function formatItem({ id, role, text }: StoredItem) {
  return { id, role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] };
}

function readItems(body: unknown): { role: string; text: string }[] {
  const items = readField(body, "items");
  if (!Array.isArray(items)) return [];
  return items.map((item: unknown) => {
    const content = readField(item, "content");
    const part: unknown = Array.isArray(content) ? content[0] : undefined;
    return { role: String(readField(item, "role")), text: String(readField(part, "text")) };
  });
}

function readField(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function buildError(outcome: OutcomeName): RequestError {
  return new RequestError(outcome, { action: "call", baseUrl: "https://fake.example", reason: "it failed" });
}
