/** What a progress needs of a stream: `process.stderr` has it. */
export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): unknown;
}

/**
 * Says every now and then how long a work has lasted and how far it is: on a terminal in one line that is rewritten every
 * second, elsewhere in a line every twenty seconds. Returns the function that ends it.
 */
export function showProgress(
  work: string,
  state: () => string[],
  screen: Screen = process.stderr,
): () => void {
  const started = Date.now();
  const line = () => `${work}: ${[elapsed(Date.now() - started), ...state()].join(", ")}`;
  const rewrite = (text: string) => screen.write(`\r\u001b[K${text.slice(0, (screen.columns || 80) - 1)}`);
  const timer = setInterval(
    () => (screen.isTTY ? rewrite(line()) : screen.write(`${line()}\n`)),
    screen.isTTY ? 1_000 : 20_000,
  );
  return () => {
    clearInterval(timer);
    if (screen.isTTY) rewrite("");
  };
}

function elapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
