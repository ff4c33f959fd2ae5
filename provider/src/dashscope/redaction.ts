import { unescapeText } from "./escapes";

// How many characters of a secret may stand in a string before it counts as a repetition. Fewer are a word that anyone may use.
const gramLength = 8;

// Shorter secrets stand in every text. From here to `gramLength`, a secret of letters and digits counts only as a whole word.
const leastLength = 3;

// A server's message is withheld if there is more to compare it with, so that the time stays bounded.
const mostCompared = 1_000_000;

const mostShown = 300;
const mostRead = 2000;

/**
 * Whether a string that a server wrote repeats a part of a secret: as it is, escaped, in another case, with other characters in between,
 * reversed, in hex or in base64. Takes time in proportion to the length of the secrets.
 */
export function repeatsSecret(text: string, secrets: readonly string[]): boolean {
  const compared = secrets.reduce((sum, secret) => sum + secret.length, 0);
  if (compared > mostCompared) return true;
  const views = listViews(text.slice(0, mostRead));
  const lines = views.map((view) => view.toLowerCase());
  const words = new Set(lines.flatMap((line) => line.split(/[^\p{L}\p{N}]+/u)));
  const grams = new Set(views.map(squeeze).flatMap(listGrams));
  return secrets.some((secret) => {
    const whole = secret.trim().toLowerCase();
    if (whole.length < leastLength) return false;
    if (whole.length < gramLength && squeeze(whole) === whole) return words.has(whole);
    // Too little is left of `P@$$w0rd!` to be compared without its other characters.
    if (squeeze(whole).length < gramLength) {
      const part = whole.slice(0, gramLength);
      return lines.some((line) => line.includes(part));
    }
    return [whole, unescapeText(whole)].some((form) => hasGram(squeeze(form), grams));
  });
}

// The form of DashScope's own request IDs.
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

// A secret without three hex digits or dashes in a row has no part that can stand in a UUID.
const uuidPart = /([\da-f-][^a-z\d]*){3}/i;

/** Whether a request ID repeats no part of a secret. Every answer has one, so the usual case is quick. */
export function isShowableId(id: string, secrets: readonly string[]): boolean {
  return (uuid.test(id) && !secrets.some((secret) => uuidPart.test(secret))) || !repeatsSecret(id, secrets);
}

/** Makes one short line of a string that came from elsewhere, without anything that looks like a key. */
export function redactText(text: string): string {
  const line = toOneLine(text.slice(0, mostRead)).replace(/\bsk-[\w*.…-]*/g, "[redacted]");
  return line.length > mostShown ? `${toOneLine(line.slice(0, mostShown))}…` : line;
}

/** The text as it is, and in the forms that it may decode to. */
function listViews(text: string): string[] {
  const plain = unescapeText(text);
  const decoded = (plain.match(/[A-Za-z\d+/_-]{8,}/g) ?? []).flatMap((run) => [
    Buffer.from(run, "base64").toString("latin1"),
    ...(/^[\da-f]+$/i.test(run) ? [Buffer.from(run, "hex").toString("latin1")] : []),
  ]);
  const views = [text, plain, ...decoded];
  return [...views, ...views.map((view) => [...view].reverse().join(""))];
}

/** Only letters and digits, in one case. */
function squeeze(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

function listGrams(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - gramLength + 1) }, (_, at) =>
    text.slice(at, at + gramLength),
  );
}

function hasGram(secret: string, grams: ReadonlySet<string>): boolean {
  if (secret.length < gramLength) return false;
  for (let at = 0; at + gramLength <= secret.length; at++) {
    if (grams.has(secret.slice(at, at + gramLength))) return true;
  }
  return false;
}

/** Without control characters, which terminals obey, and halves of characters, which gRPC can't carry. */
function toOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, " ").trim();
}
