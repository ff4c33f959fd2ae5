/** Formats a Markdown table. The first column is text, and the others are numbers. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const alignment = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [head, alignment, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Formats a number with three digits or more, or "–" if there is none. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  const digits = value < 100 ? 3 : Math.ceil(Math.log10(value + 1));
  return Number(value.toPrecision(digits)).toLocaleString("en");
}

export function formatRatio(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined || !(base > 0) ? "–" : (value / base).toFixed(2);
}

/** Computes the middle value, or the mean of the two middle values. */
export function computeMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
