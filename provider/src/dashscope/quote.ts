// A longer text is cut, so that a message stays readable.
const longest = 80;

/** Quotes a text that a user wrote, on one line: `"cn-beijng"`. */
export function quoteText(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

/** Quotes keys on one line, whatever characters they contain: `` `team`, `env` ``. */
export function quoteKeys(keys: readonly string[]): string {
  return keys.map((key) => (/^[\w.-]{1,64}$/.test(key) ? `\`${key}\`` : quoteText(key))).join(", ");
}

/** Quotes the path of a property: `` `messages[0].role` ``. */
export function quotePath(path: readonly PropertyKey[]): string {
  const text = path
    .map(String)
    .map((key, at) => {
      if (/^\d+$/.test(key)) return `[${key}]`;
      if (!/^[\w-]{1,64}$/.test(key)) return `[${quoteText(key)}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join("");
  return `\`${text}\``;
}
