// A longer string is cut, so that a message stays readable.
const longest = 80;

/** Quotes a string that a user wrote, on one line and without characters that control a terminal: `"cn-beijng"`. */
export function quoteText(text: string): string {
  const quoted = JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
  // JSON leaves these as they are.
  return quoted.replace(/[\u007f-\u009f\u2028\u2029]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
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
