import { unescaped } from "./escapes";

// How much of a secret may stand in a text before it counts as a repetition: less is a word that anybody may use.
const beginning = 8;
const part = 12;

// Shorter ones are no secrets, and stand in every text.
const least = 3;

/**
 * Takes what must not be shown (the key, message texts, metadata values) out of a text that a server wrote and that may
 * repeat it, whole or in part and escaped in any way, and makes one short line of the rest.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const line = oneLine(unescaped(text.slice(0, 2000)));
  const hidden = new Uint8Array(line.length);
  const forms = new Set(secrets.flatMap((secret) => [oneLine(secret), oneLine(unescaped(secret))]));
  for (const secret of forms) {
    if (secret.length < least) continue;
    for (let at = 0; at < line.length; at++) {
      const length = repeatedAt(line, at, secret);
      if (length > 0) hidden.fill(1, at, at + length);
    }
  }
  let shown = "";
  for (let at = 0; at < line.length; at++) {
    if (!hidden[at]) shown += line[at];
    else if (!hidden[at - 1]) shown += "[redacted]";
  }
  // Key-shaped words may come from elsewhere, too: older answers carried an `account_id` of this form.
  const safe = oneLine(shown.replace(/\bsk-[\w*.…-]*/g, "[redacted]"));
  return safe.length > 300 ? `${oneLine(safe.slice(0, 300))}…` : safe;
}

// The form of DashScope's own request ids.
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

// What of a secret can stand in one: its beginning, a part or the whole, as it is or escaped.
const inUuid = /[\da-f-]{8}|^\W*[\da-f-]{3,7}\W*$|[%&\\]/i;

/** Whether a request id repeats nothing that must not be shown. */
export function isShowable(requestId: string, secrets: readonly string[]): boolean {
  // Every answer has an id, and most secrets have nothing in common with one.
  if (uuid.test(requestId) && !secrets.some((secret) => inUuid.test(secret))) return true;
  return redacted(requestId, secrets) === requestId;
}

/** How many characters from `at` repeat the secret. */
function repeatedAt(line: string, at: number, secret: string): number {
  // A short secret such as "one" is taken out as a word only, or it would tear every other word apart.
  if (secret.length < 6) {
    if (!line.startsWith(secret, at)) return 0;
    const isWord = !/\w/.test(line[at - 1] ?? "") && !/\w/.test(line[at + secret.length] ?? "");
    return isWord ? secret.length : 0;
  }
  let length = line.startsWith(secret.slice(0, beginning), at) ? Math.min(secret.length, beginning) : part;
  if (at + length > line.length || !secret.includes(line.slice(at, at + length))) return 0;
  while (at + length < line.length && secret.includes(line.slice(at, at + length + 1))) length++;
  return length;
}

/** Without control characters, which terminals obey, and halves of characters, which gRPC cannot carry. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ").trim();
}
