import type { Account } from "./lifecycle";

/** Reads something once for each account and key. */
export type ReadCache<T> = (account: Account, key: unknown, read: () => Promise<T>) => Promise<T>;

/** Creates a cache for what previews read: a replacement and a preview check the same inputs several times. */
export function createReadCache<T>(): ReadCache<T> {
  const caches = new WeakMap<Account, Map<string, Promise<T>>>();
  return (account, key, read) => {
    const cache = caches.get(account) ?? new Map<string, Promise<T>>();
    caches.set(account, cache);
    const text = JSON.stringify(key);
    const result = cache.get(text) ?? read();
    cache.set(text, result);
    return result;
  };
}
