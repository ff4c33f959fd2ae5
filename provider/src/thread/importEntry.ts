import type { Place } from "../dashscope/place";
import type { ThreadInputs, ThreadState } from "./contract";
import { inputsOf, read, type ThreadApi } from "./lifecycle";

/** One resource of the file that `pulumi import --file` reads. */
export interface ImportEntry {
  readonly name: string;
  readonly id: string;
  readonly inputs: ThreadInputs;
  readonly outputs: ThreadState;
}

/** Reads a thread as it would be recorded by a program that declares it as it is; `undefined` when there is none. */
export async function importEntry(
  name: string,
  id: string,
  place: Place,
  threads: ThreadApi,
): Promise<ImportEntry | undefined> {
  const outputs = await read(id, {}, place, threads);
  return outputs && { name, id, inputs: inputsOf(outputs), outputs };
}

/** The declaration of such a program. */
export function declarationOf({ name, inputs: { baseUrl: _, ...args } }: ImportEntry): string {
  return `new dashscope.Thread(${JSON.stringify(name)}, ${JSON.stringify(args, null, 2)});`;
}
