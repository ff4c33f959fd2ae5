/** One way to come by something. `get` throws when it is not to be had this way; its message is the reason. */
export interface Source<T> {
  readonly name: string;
  get(): Promise<T>;
}

/** No source gave anything: the message is one sentence on what to do, then the reason of each try. */
export class NothingWorked extends Error {
  constructor(whatToDo: string, reasons: readonly string[]) {
    super([whatToDo, ...reasons.map((reason) => `  - ${reason}`)].join("\n"));
    this.name = "NothingWorked";
  }
}

/** Tries one source after another; `stop` ends that at once. */
export async function firstThatWorks<T>(
  whatToDo: string,
  sources: readonly Source<T>[],
  stop?: AbortSignal,
): Promise<T> {
  const reasons: string[] = [];
  for (const source of sources) {
    try {
      return await source.get();
    } catch (error) {
      stop?.throwIfAborted();
      reasons.push(`${source.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new NothingWorked(whatToDo, reasons);
}
