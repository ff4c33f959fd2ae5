/** The part of `process.stderr` that shows progress. */
export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): unknown;
}

/**
 * Shows the elapsed time and the state of some work: on a terminal every second in one line, elsewhere in a line every
 * 20 seconds. Returns the function that ends it.
 */
export function showProgress(
  work: string,
  state: () => string[],
  screen: Screen = process.stderr,
): () => void {
  const started = Date.now();
  const line = () => `${work}: ${[formatDuration(Date.now() - started), ...state()].join(", ")}`;
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

function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
