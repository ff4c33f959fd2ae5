import { Configuration } from "../../../provider/src/config/configuration";
import type { SettingKey } from "../../../provider/src/config/settings";
import { type Call, Client } from "../../../provider/src/dashscope/client";
import { RequestError } from "../../../provider/src/dashscope/errors";
import type { OutcomeName } from "../../../provider/src/dashscope/outcomes";
import type { Endpoint } from "../../../provider/src/dashscope/url";
import type { Claim, Claims } from "../../../provider/src/resource/claims";
import type { Account } from "../../../provider/src/resource/lifecycle";

type Metadata = Readonly<Record<string, unknown>>;

/** A DashScope in memory, which may take metadata in its own way and leave it out of its answers. */
export class FakeClient extends Client {
  readonly threads = new Map<string, Metadata>();
  readonly calls: { readonly request: string; readonly body?: unknown; readonly endpoint: Endpoint }[] = [];
  readonly confidential: string[] = [];
  take: (current: Metadata, given: Metadata) => Metadata = (_, given) => given;
  echo: (metadata: Metadata) => unknown = (metadata) => metadata;
  /** Fails every call with this outcome. */
  failure: OutcomeName | undefined;
  /** Fails reads only. */
  isReadable = true;
  #created = 0;

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
    const [, id] = call.path;
    this.calls.push({
      request: `${call.method} ${call.path.join("/")}`,
      ...(call.body !== undefined && { body: call.body }),
      endpoint,
    });
    this.confidential.push(...call.confidential);
    const result = call.read(this.#answer(call, id), `request-${this.calls.length}`);
    if (result === undefined) throw this.#fail("foreign");
    return result;
  }

  #answer({ method, body }: Call<unknown>, id = `thread_${++this.#created}`): unknown {
    if (this.failure !== undefined) throw this.#fail(this.failure);
    if (method === "GET" && !this.isReadable) throw this.#fail("connection");
    const isCreate =
      method === "POST" && !this.threads.has(id) && this.calls.at(-1)?.request === "POST threads";
    const current = this.threads.get(id);
    if (current === undefined && !isCreate) throw this.#fail("gone");
    if (method === "DELETE") return { deleted: this.threads.delete(id) };
    const metadata =
      method === "GET" ? (current ?? {}) : this.take(current ?? {}, isRecord(body) ? readMetadata(body) : {});
    this.threads.set(id, metadata);
    return { id, created_at: 1000, metadata: method === "GET" ? metadata : this.echo(metadata) };
  }

  #fail(outcome: OutcomeName): RequestError {
    return new RequestError(outcome, {
      action: "call",
      baseUrl: "https://fake.example",
      reason: "it failed",
    });
  }
}

function readMetadata({ metadata }: Metadata): Metadata {
  return isRecord(metadata) ? metadata : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The claims of one update, in memory. */
export class MemoryClaims implements Claims {
  readonly calls: Claim[] = [];
  readonly #claims = new Map<string, Map<string, Claim["kind"]>>();
  readonly #refreshed = new Set<string>();

  claim(claim: Claim): readonly Claim[] {
    this.calls.push(claim);
    return claim.ids.flatMap((id) => {
      const claims = this.#claims.get(id) ?? new Map<string, Claim["kind"]>();
      this.#claims.set(id, claims.set(claim.instance, claim.kind));
      return [...claims].flatMap(([instance, kind]) =>
        instance === claim.instance ? [] : [{ ids: [id], instance, kind }],
      );
    });
  }

  release(ids: readonly string[], instance: string): void {
    for (const id of ids) this.#claims.get(id)?.delete(instance);
  }

  noteRefresh(instance: string): void {
    this.#refreshed.add(instance);
  }

  takeRefresh(instance: string): boolean {
    return this.#refreshed.delete(instance);
  }

  isKept(id: string, instance: string): boolean {
    return [...(this.#claims.get(id) ?? [])].some(
      ([other, kind]) => other !== instance || kind === "redeclared",
    );
  }
}

/** What an account is made of. */
export interface FakeAccountOptions {
  readonly key?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly stack?: Partial<Record<SettingKey, string>>;
  readonly client?: FakeClient;
  readonly claims?: Claims;
}

/** Builds an account that records what it's told. */
export function buildAccount({
  key = "sk-own",
  environment = {},
  stack = {},
  client = new FakeClient(),
  claims = new MemoryClaims(),
}: FakeAccountOptions = {}) {
  const notices: string[] = [];
  const deleted: string[] = [];
  const account: Account = {
    configuration: new Configuration(
      { DASHSCOPE_API_KEY: key, ...environment },
      { stack: (name) => stack[name] },
    ),
    claims,
    getClient: async () => client,
    notify: (severity, line) => notices.push(`${severity}: ${line}`),
    recordDeleted: (id) => deleted.push(id),
  };
  return { ...account, client, claims, notices, deleted };
}
