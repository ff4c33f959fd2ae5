const escapes =
  /\\u\{?(?<unicode>[0-9a-f]{4,6})\}?|&#x(?<hex>[0-9a-f]{1,6});|&#(?<decimal>\d{1,7});|(?<bytes>(?:\\x[0-9a-f]{2}|%[0-9a-f]{2})+)|&(?<entity>quot|amp|lt|gt|apos|nbsp);|\\(?<space>[nrtbf])|\\(?<literal>["'\\/])/gi;

const entities: ReadonlyMap<string, string> = new Map([
  ["quot", '"'],
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["apos", "'"],
]);

/** Undoes the escapes of JSON, URLs, HTML and Python's `repr`, also of a text that was escaped twice. */
export function unescaped(text: string): string {
  const once = text.replace(escapes, (...match) => meant(match.at(-1)));
  return once === text ? text : unescaped(once);
}

function meant(groups: Readonly<Record<string, string | undefined>>): string {
  const { unicode, hex, decimal, bytes, entity, literal } = groups;
  if (bytes !== undefined) return Buffer.from(bytes.replace(/\\x|%/gi, ""), "hex").toString();
  if (entity !== undefined) return entities.get(entity.toLowerCase()) ?? " ";
  if (literal !== undefined) return literal;
  const code = decimal === undefined ? Number.parseInt(unicode ?? hex ?? "20", 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : " ";
}
