import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";
import { Configuration } from "../../../provider/src/config/configuration";
import type { SettingKey } from "../../../provider/src/config/settings";
import { Client } from "../../../provider/src/dashscope/client";
import { SharedClaims } from "../../../provider/src/resource/claims";
import type { Account } from "../../../provider/src/resource/lifecycle";
import { FakeDashScope } from "./fakeDashScope";

const folder = mkdtempSync(join(tmpdir(), "accounts-"));
let accounts = 0;

afterAll(() => rmSync(folder, { recursive: true }));

/** What an account is made of. */
export interface AccountOptions {
  readonly key?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly stack?: Partial<Record<SettingKey, string>>;
  readonly client?: FakeDashScope;
}

/** Builds an account of one update, which records what it's told. */
export function buildAccount({
  key = "sk-own",
  environment = {},
  stack = {},
  client = new FakeDashScope(),
}: AccountOptions = {}) {
  const notices: string[] = [];
  const deleted: string[] = [];
  const account = {
    configuration: new Configuration(
      { DASHSCOPE_API_KEY: key, ...environment },
      { stack: (name) => stack[name] },
    ),
    claims: new SharedClaims(join(folder, String(++accounts))),
    getClient: async () => client,
    notify: (severity, line) => notices.push(`${severity}: ${line}`),
    recordDeleted: (id) => deleted.push(id),
  } satisfies Account;
  return { ...account, client, notices, deleted };
}

/** Builds an account of one update, whose client sends requests to a server. */
export function connectAccount(url: string, environment: NodeJS.ProcessEnv = {}) {
  const account = buildAccount({
    environment: { DASHSCOPE_HTTP_BASE_URL: url, DASHSCOPE_MAX_RETRIES: "0", ...environment },
  });
  const { configuration } = account;
  const client = new Client({
    getCredential: () => configuration.resolveCredential(),
    settings: configuration.resolveClientSettings(),
  });
  return { ...account, client, getClient: async () => client };
}
