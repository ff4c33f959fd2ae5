import { InvalidKey } from "./errors";

/** The account of a key; undefined is the default account. */
export type Account = string | undefined;

/** Resolves the account of an `Authorization` header, or throws the documented 401. */
export type AccountResolver = (authorization: string | undefined) => Account;

/**
 * Creates the resolver for a list of keys.
 * @param apiKeys each `KEY` or `KEY=ACCOUNT`; undefined accepts every key that isn't empty, for the default account.
 * @throws Error if an entry isn't of that form, or gives one key to two accounts.
 */
export function createAccountResolver(apiKeys: readonly string[] | undefined): AccountResolver {
  const accounts = apiKeys && parseApiKeys(apiKeys);
  return (authorization) => {
    const key = /^Bearer\s+(.*)$/i.exec(authorization ?? "")?.[1]?.trim();
    if (!key) throw new InvalidKey("No API-key provided.");
    if (accounts === undefined) return undefined;
    if (!accounts.has(key)) throw new InvalidKey("Invalid API-key provided.");
    return accounts.get(key);
  };
}

/** Returns the key of `KEY` or `KEY=ACCOUNT`. */
export function parseKey(apiKey: string): string {
  return apiKey.split("=", 1)[0] ?? "";
}

function parseApiKeys(apiKeys: readonly string[]): Map<string, Account> {
  const accounts = new Map<string, Account>();
  apiKeys.forEach((apiKey, index) => {
    const [, key = "", account] = /^([^=\s]+)(?:=(\S+))?$/.exec(apiKey) ?? [];
    if (key === "") throw new Error(`\`apiKeys[${index}]\` must be \`KEY\` or \`KEY=ACCOUNT\`.`);
    if (accounts.has(key) && accounts.get(key) !== account)
      throw new Error(
        `\`apiKeys[${index}]\` repeats a key of another account: a key belongs to one account.`,
      );
    accounts.set(key, account);
  });
  return accounts;
}
