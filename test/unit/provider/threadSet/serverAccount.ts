import { Configuration } from "../../../../provider/src/config/configuration";
import { Client } from "../../../../provider/src/dashscope/client";
import type { Account } from "../../../../provider/src/resource/lifecycle";
import { MemoryClaims } from "../fakeAccount";

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
