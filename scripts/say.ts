/** Prints a line on standard error. Standard output is for results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Keeps this process running after its terminal is closed. The output is lost. */
export function ignoreClosedTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}
