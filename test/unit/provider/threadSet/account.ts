import { Configuration } from "../../../../provider/src/config/configuration";
import { Client } from "../../../../provider/src/dashscope/client";
import type { Claim, Claims } from "../../../../provider/src/resource/claims";
import type { Account } from "../../../../provider/src/resource/lifecycle";

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

/** An account of a test: a real client, and what the user is told. */
export interface TestAccount extends Account {
  readonly claims: MemoryClaims;
  readonly lines: string[];
  readonly deleted: string[];
}

/** Creates an account for a server, as one update would. */
export function createAccount(url: string, environment: Readonly<Record<string, string>> = {}): TestAccount {
  const configuration = new Configuration({
    DASHSCOPE_API_KEY: "sk-test",
    DASHSCOPE_HTTP_BASE_URL: url,
    DASHSCOPE_MAX_RETRIES: "0",
    ...environment,
  });
  const client = new Client({
    getCredential: () => configuration.resolveCredential(),
    settings: configuration.resolveClientSettings(),
  });
  const lines: string[] = [];
  const deleted: string[] = [];
  return {
    configuration,
    claims: new MemoryClaims(),
    lines,
    deleted,
    getClient: async () => client,
    notify: (severity, line) => lines.push(`${severity}: ${line}`),
    recordDeleted: (id) => deleted.push(id),
  };
}
