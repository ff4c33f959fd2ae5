/** A closed terminal must not end work in the middle: what can no longer be shown is dropped. */
export function outliveTheTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}
