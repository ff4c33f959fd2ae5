import type { z } from "zod";
import type { Change, DataFile } from "./dataFile";

/** The rows of one kind in a data file. */
export class Table<Row extends { id: string }> {
  readonly #file: DataFile;
  readonly #name: string;
  readonly #schema: z.ZodType<Row>;

  constructor(file: DataFile, name: string, schema: z.ZodType<Row>) {
    this.#file = file;
    this.#name = name;
    this.#schema = schema;
  }

  /** The IDs of all rows, oldest row first. */
  ids(): string[] {
    return this.#file.keys(this.#name);
  }

  find(id: string): Row | undefined {
    return this.#file.read(this.#name, id, this.#schema);
  }

  list(ids: readonly string[] = this.ids()): Row[] {
    return ids.flatMap((id) => this.find(id) ?? []);
  }

  /** Writes one row. */
  save(row: Row): Row {
    this.#file.write([this.put(row)]);
    return row;
  }

  /** The change that puts a row, for {@link DataFile.write}. */
  put(row: Row): Change {
    return { table: this.#name, key: row.id, row };
  }

  /** The change that removes a row, for {@link DataFile.write}. */
  remove(id: string): Change {
    return { table: this.#name, key: id };
  }
}
