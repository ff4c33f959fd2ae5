/** Text that is HTML already; everything else that is put into {@link html} is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | Html[];

/** Writes HTML: html`<b>${anything}</b>`. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(String.raw({ raw: strings.raw }, ...parts.map(toText)));
}

function toText(part: Part): string {
  if (Array.isArray(part)) return part.map(toText).join("");
  return part instanceof Html ? part.text : escaped(String(part));
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
