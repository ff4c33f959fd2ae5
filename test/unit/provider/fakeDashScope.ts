import { type Call, Client } from "../../../provider/src/dashscope/client";
import { RequestError } from "../../../provider/src/dashscope/errors";
import type { OutcomeName } from "../../../provider/src/dashscope/outcomes";
import type { Endpoint } from "../../../provider/src/dashscope/url";

type Metadata = Readonly<Record<string, unknown>>;

/** What becomes of one call. */
export type Fate = "works" | "is refused" | "is lost before the work" | "is lost after the work";

interface StoredItem {
  readonly id: string;
  readonly role: string;
  readonly content: string;
}

// A conversation keeps the newest items.
const mostKept = 100;
// Pages are short, so that few items are many pages.
const pageSize = 7;

/** DashScope in memory, with both APIs. */
export class FakeDashScope extends Client {
  /** The metadata of each thread and conversation. */
  readonly objects = new Map<string, Metadata>();
  /** The items of the only conversation, oldest first. */
  items: StoredItem[] = [];
  readonly calls: { readonly request: string; readonly body?: unknown; readonly endpoint: Endpoint }[] = [];
  decideFate: (call: Call<unknown>) => Fate = () => "works";
  /** How a write changes the metadata. */
  take: (current: Metadata, given: Metadata) => Metadata = (_, given) => given;
  /** What a write answers as metadata. */
  echo: (metadata: Metadata) => unknown = (metadata) => metadata;
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

  get requests(): string[] {
    return this.calls.map(({ request }) => request);
  }

  override async perform<T>(call: Call<T>, endpoint: Endpoint): Promise<T> {
    const { method, path, body } = call;
    this.calls.push({
      request: `${method} ${path.join("/")}`,
      ...(body !== undefined && { body }),
      endpoint,
    });
    const fate = this.decideFate(call);
    if (fate === "is refused") throw buildError("refused");
    if (fate === "is lost before the work") throw buildError("connection");
    const answer = this.#answer(call);
    if (fate === "is lost after the work") throw buildError("timeout");
    const result = call.read(answer, `request-${this.calls.length}`);
    if (result === undefined) throw buildError("foreign");
    return result;
  }

  /** Adds items, as anyone does who uses the conversation. */
  addItems(items: readonly Omit<StoredItem, "id">[]): readonly StoredItem[] {
    const added = items.map(({ role, content }) => ({ id: `msg_${++this.#count}`, role, content }));
    this.items = [...this.items, ...added].slice(-mostKept);
    return added;
  }

  #answer({ method, path, body, query }: Call<unknown>): unknown {
    const [collection, named, items] = path;
    const id = named ?? `${collection === "threads" ? "thread" : "conv"}_${this.objects.size + 1}`;
    const current = this.objects.get(id);
    if (named !== undefined && current === undefined) throw buildError("gone");
    if (items !== undefined) {
      if (method === "GET") return this.#listItems(query?.["after"]);
      return { data: this.addItems(readItems(body)).map(formatItem), has_more: false };
    }
    if (method === "DELETE") return { deleted: this.objects.delete(id) };
    if (method === "GET") return { id, created_at: 1000, metadata: current };
    const given = readField(body, "metadata");
    const metadata = this.take(current ?? {}, isRecord(given) ? given : {});
    this.objects.set(id, metadata);
    this.addItems(readItems(body));
    return { id, created_at: 1000, metadata: this.echo(metadata) };
  }

  #listItems(after: string | undefined): unknown {
    const start = this.items.findIndex(({ id }) => id === after) + 1;
    const page = this.items.slice(start, start + pageSize);
    return { data: page.map(formatItem), has_more: start + page.length < this.items.length };
  }
}

function formatItem({ id, role, content }: StoredItem) {
  return {
    id,
    role,
    content: [{ type: role === "assistant" ? "output_text" : "input_text", text: content }],
  };
}

function readItems(body: unknown): Omit<StoredItem, "id">[] {
  const items = readField(body, "items");
  if (!Array.isArray(items)) return [];
  return items.map((item: unknown) => {
    const content = readField(item, "content");
    const [part]: unknown[] = Array.isArray(content) ? content : [];
    return { role: String(readField(item, "role")), content: String(readField(part, "text")) };
  });
}

function readField(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function buildError(outcome: OutcomeName): RequestError {
  return new RequestError(outcome, { action: "call", baseUrl: "https://fake.example", reason: "it failed" });
}
