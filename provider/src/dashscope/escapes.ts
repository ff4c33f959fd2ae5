const escapes =
  /\\u\{?(?<unicode>[0-9a-f]{4,6})\}?|&#x(?<hex>[0-9a-f]{1,6});|&#(?<decimal>\d{1,7});|(?<bytes>(?:\\x[0-9a-f]{2}|%[0-9a-f]{2})+)|&(?<entity>quot|amp|lt|gt|apos|nbsp);|\\(?<space>[nrtbf])|\\(?<literal>["'\\/])/gi;

const entities: ReadonlyMap<string, string> = new Map([
  ["quot", '"'],
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["apos", "'"],
]);

// Text that is escaped more often than this isn't an answer of DashScope.
const mostRounds = 4;

/** Undoes the escapes of JSON, URLs, HTML and Python's `repr`, also of a string that was escaped several times. */
export function unescapeText(text: string): string {
  let current = text;
  for (let round = 0; round < mostRounds; round++) {
    const next = current.replace(escapes, (...match) => decodeEscape(match.at(-1)));
    if (next === current) break;
    current = next;
  }
  return current;
}

function decodeEscape(groups: Readonly<Record<string, string | undefined>>): string {
  const { unicode, hex, decimal, bytes, entity, literal } = groups;
  if (bytes !== undefined) return Buffer.from(bytes.replace(/\\x|%/gi, ""), "hex").toString();
  if (entity !== undefined) return entities.get(entity.toLowerCase()) ?? " ";
  if (literal !== undefined) return literal;
  const code = decimal === undefined ? Number.parseInt(unicode ?? hex ?? "20", 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : " ";
}
