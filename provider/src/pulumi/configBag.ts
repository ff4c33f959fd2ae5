import { Configuration, type Key, keys } from "./configuration";

// Present only in the bag of an explicit provider, which is not told the stack's configuration.
const inheritedKey = "dashscope:inherited";

/**
 * The inputs of an explicit provider, from which the host makes the configuration bag of its hooks. The host looks a bare key up
 * as one of the project, so each is named with its namespace.
 */
export function explicitBag<T>(given: Partial<Record<Key, T>>, inherited: T): Record<string, T> {
  const named = Object.entries(given).map(([key, value]) => [`dashscope:${key}`, value]);
  return { ...Object.fromEntries(named), [inheritedKey]: inherited };
}

/** The configuration of this process's hooks, which the host gives either an explicit provider's bag or the stack's. */
export function configurationOf(bag: { get(key: string): string | undefined }): Configuration {
  const inBag = (key: Key) => bag.get(`dashscope:${key}`);
  const inherited = bag.get(inheritedKey);
  if (inherited === undefined) return new Configuration(process.env, inBag);
  const ofStack: Partial<Record<Key, string>> = JSON.parse(inherited);
  return new Configuration(process.env, (key) => ofStack[key], inBag);
}

/** What of `keys` has a value. */
export function valuesOf<T>(lookup: (key: Key) => T | undefined): Partial<Record<Key, T>> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = lookup(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
