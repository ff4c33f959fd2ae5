import { appendFileSync, closeSync, fstatSync, openSync, readSync } from "node:fs";

/**
 * Who manages an object during one update. A record that's declared claims its object in `diff`, and an adoption in `create`. A record
 * whose object another record claims must not delete it.
 */
export interface Claims {
  /** Claims objects for a record, and returns the claims that other records made on them before. */
  claim(claim: Claim): readonly Claim[];
  /** Takes a claim back, because another record manages the object, or because the record ends without deleting it. */
  release(ids: readonly string[], instance: string): void;
  /** Notes that a refresh read the objects of a record. The engine then calls `diff` also if the program no longer declares it. */
  noteRefresh(instance: string): void;
  /** Returns whether this is the first call after a refresh of the record. */
  takeRefresh(instance: string): boolean;
  /** Whether the record must not delete the object: another record claims it, or the record's own replacement adopts it again. */
  isKept(id: string, instance: string): boolean;
}

/** One record's claim. */
export interface Claim {
  readonly ids: readonly string[];
  /** The record, by its instance ID. */
  readonly instance: string;
  /**
   * `recorded`: the program declares the record. `redeclared`: it declares it with `adoptId`, so that a replacement adopts the same
   * object again. `adopted`: a new record takes the object over. `refreshed`: the record was refreshed, and may no longer be declared.
   */
  readonly kind: "recorded" | "redeclared" | "adopted" | "refreshed";
}

type Line = Claim | { readonly ids: readonly string[]; readonly instance: string; readonly kind: "released" };

/** Claims in one file that all host processes of an update append to, so that each sees the claims of the others. */
export class SharedClaims implements Claims {
  readonly #file: string;
  /** By object: the kind of each record's claim, by instance. */
  readonly #claims = new Map<string, Map<string, Claim["kind"]>>();
  readonly #refreshed = new Set<string>();
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
    if (claim.kind === "refreshed") return [];
    return claim.ids.flatMap((id) =>
      takeUntil([...(this.#claims.get(id) ?? [])], ([instance]) => instance === claim.instance)
        .map(([instance, kind]) => ({ ids: [id], instance, kind }))
        .filter(({ kind }) => kind !== "refreshed"),
    );
  }

  release(ids: readonly string[], instance: string): void {
    this.#append({ ids, instance, kind: "released" });
  }

  noteRefresh(instance: string): void {
    this.#refreshed.add(instance);
  }

  takeRefresh(instance: string): boolean {
    return this.#refreshed.delete(instance);
  }

  isKept(id: string, instance: string): boolean {
    this.#catchUp();
    return [...(this.#claims.get(id) ?? [])].some(
      ([other, kind]) => other !== instance || kind === "redeclared",
    );
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
