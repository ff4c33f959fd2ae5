/** Text that is HTML already. {@link html} escapes everything else. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | Html[];

/** Writes HTML: html`<b>${anything}</b>`. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(String.raw({ raw: strings.raw }, ...parts.map(renderPart)));
}

function renderPart(part: Part): string {
  if (Array.isArray(part)) return part.map(renderPart).join("");
  return part instanceof Html ? part.text : escapeHtml(String(part));
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
