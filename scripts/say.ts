/** On standard error: what a script is asked for goes to standard output. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
