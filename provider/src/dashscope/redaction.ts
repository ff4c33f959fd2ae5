/**
 * Takes what must not be shown (the key, message texts, metadata values) out of a text that a server wrote and that may
 * repeat them, and bounds its length.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .filter((form) => form.trim() !== "")
    // Longest first, so that a secret which contains another goes whole.
    .sort((a, b) => b.length - a.length)
    .map(pattern);
  // Key-shaped words may come from elsewhere, too: older answers carried an `account_id` of this form.
  const safe = text.replace(new RegExp([...forms, "\\bsk-[\\w-]{6,}"].join("|"), "g"), "[redacted]");
  const line = safe.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

// A short secret such as "on" is taken out as a word only, or it would tear every other word apart.
function pattern(form: string): string {
  const literal = form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return form.length < 6 ? `(?<!\\w)${literal}(?!\\w)` : literal;
}
