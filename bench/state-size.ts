import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

/** Bytes of a stack's file, a thread. */
export interface StateSize {
  readonly bytes: number;
  /** Without the properties that the program has not given: what was output, and where the thread lives. */
  readonly declaredBytes: number;
}

interface Resource {
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface StackFile {
  readonly checkpoint: { readonly latest: { readonly resources?: readonly Resource[] } };
}

const given = ["__provider", "messages", "metadata"];

/** Measures each thread as the file backend writes it: JSON without white space. */
export async function stateSize(file: string): Promise<StateSize> {
  const { checkpoint }: StackFile = JSON.parse(await content(file));
  const threads = (checkpoint.latest.resources ?? []).filter(({ type }) => type.startsWith("pulumi-nodejs:"));
  return {
    bytes: meanBytes(threads),
    declaredBytes: meanBytes(
      threads.map(({ inputs = {}, outputs = {}, ...rest }) => ({
        ...rest,
        inputs: declared(inputs),
        outputs: declared(outputs),
      })),
    ),
  };
}

/** The backend may be told to compress it. */
async function content(file: string): Promise<string> {
  const bytes = await readFile(file).catch(async () => gunzipSync(await readFile(`${file}.gz`)));
  return bytes.toString("utf8");
}

function declared(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => given.includes(key)));
}

function meanBytes(resources: readonly unknown[]): number {
  return (
    Buffer.byteLength(resources.map((resource) => JSON.stringify(resource)).join(",")) / resources.length
  );
}
