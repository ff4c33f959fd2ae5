import { appendFileSync, closeSync, fstatSync, openSync, readSync } from "node:fs";

/**
 * Who manages an object during one update. A record that's declared claims its object in `diff`, and an adoption in `create`. A record
 * whose object another record claims must not delete it.
 */
export interface Claims {
  /** Claims objects for a record, and returns the claims that other records made on them before. */
  claim(claim: Claim): readonly Claim[];
  /** Takes a claim back, because the adoption failed. */
  release(ids: readonly string[], instance: string): void;
  /** Whether another record claims the object. */
  isClaimedByAnother(id: string, instance: string): boolean;
}

/** One record's claim. */
export interface Claim {
  readonly ids: readonly string[];
  /** The record, by its instance ID. */
  readonly instance: string;
  /**
   * `recorded`: the program declares the record. `redeclared`: it declares it with `adoptId`, so that a replacement adopts the same
   * object again. `adopted`: a new record takes the object over.
   */
  readonly kind: "recorded" | "redeclared" | "adopted";
}

type Line = Claim | { readonly ids: readonly string[]; readonly instance: string; readonly kind: "released" };

/** Claims in one file that all host processes of an update append to, so that each sees the claims of the others. */
export class SharedClaims implements Claims {
  readonly #file: string;
  /** By object: the kind of each record's claim, by instance. */
  readonly #claims = new Map<string, Map<string, Claim["kind"]>>();
  #read = 0;
  #rest = "";

  /** @param file a path that is the same in all processes of one update, and in no other update */
  constructor(file: string) {
    this.#file = file;
  }

  claim(claim: Claim): readonly Claim[] {
    // One write in append mode is atomic, so the order of the file decides between two processes.
    this.#append(claim);
    this.#catchUp();
    return claim.ids.flatMap((id) =>
      takeUntil([...(this.#claims.get(id) ?? [])], ([instance]) => instance === claim.instance).map(
        ([instance, kind]) => ({ ids: [id], instance, kind }),
      ),
    );
  }

  release(ids: readonly string[], instance: string): void {
    this.#append({ ids, instance, kind: "released" });
  }

  isClaimedByAnother(id: string, instance: string): boolean {
    this.#catchUp();
    return [...(this.#claims.get(id)?.keys() ?? [])].some((other) => other !== instance);
  }

  #append(line: Line): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  /** Reads what was appended since the last time. */
  #catchUp(): void {
    const added = readFrom(this.#file, this.#read);
    this.#read += added.length;
    const lines = `${this.#rest}${added.toString("utf8")}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const text of lines) this.#apply(JSON.parse(text));
  }

  #apply({ ids, instance, kind }: Line): void {
    for (const id of ids) {
      const claims = this.#claims.get(id) ?? new Map<string, Claim["kind"]>();
      if (kind === "released") claims.delete(instance);
      else claims.set(instance, kind);
      this.#claims.set(id, claims);
    }
  }
}

/** The items before the first one that matches. A map keeps the order in which its keys were added. */
function takeUntil<T>(items: readonly T[], matches: (item: T) => boolean): readonly T[] {
  const end = items.findIndex(matches);
  return end === -1 ? items : items.slice(0, end);
}

function readFrom(file: string, position: number): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const buffer = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - position));
    const length = readSync(descriptor, buffer, 0, buffer.length, position);
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
