/** A table; the first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "--:"))), ...rows.map(line)].join(
    "\n",
  );
}

/** A number of three digits or more; "–" when it is none. */
export function figure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value
    .toPrecision(3)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

export function threads(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "thread" : "threads"}`;
}

/** How many times `base` a value is. */
export function ratio(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined || base === 0 ? "–" : (value / base).toFixed(2);
}

const megabyte = 1024 * 1024;

export function megabytes(bytes: number | undefined): string {
  return figure(bytes === undefined ? undefined : Math.round(bytes / megabyte));
}
