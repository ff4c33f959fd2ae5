import {
  type BigIntStats,
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isNativeError } from "node:util/types";
import { crc32 } from "node:zlib";
import type { z } from "zod";
import { type FileLock, lockFile } from "./fileLock";

/** One change of a table: puts a row, or removes it if `row` is absent. */
export interface Change {
  table: string;
  key: string;
  row?: unknown;
}

/** Where a line is in the file. */
interface Location {
  position: number;
  length: number;
}

/** The data file can't be read or written. The emulator keeps running. */
export class DataFileError extends Error {
  override readonly name = "DataFileError";
}

const HEADER = /^dashscope-emulator 1 (\d{16})\n$/;
const HEADER_BYTES = formatHeader(0).length;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Tables of rows in a file that only grows, with an index in memory.
 *
 * The first line is a header with the number of bytes that are written completely. After it, each change is a line: a checksum,
 * the table, the key, and the row as JSON unless the row was removed. A write appends its lines and then updates the header, so
 * a write that a kill or a full disk interrupts leaves the rows as they were.
 */
export class DataFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #onClose: () => void;
  readonly #tables = new Map<string, Map<string, Location>>();
  #length = HEADER_BYTES;
  #closed = false;

  private constructor(path: string, descriptor: number, onClose: () => void) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#onClose = onClose;
  }

  /**
   * Opens a file, or creates it with its folder.
   * @throws Error if the file is damaged, isn't an emulator's, can't be opened, or another emulator uses it.
   */
  static async open(path: string): Promise<DataFile> {
    try {
      const { descriptor, isNew } = openOrCreate(path);
      try {
        const lock = await takeLock(path, fstatSync(descriptor, { bigint: true }));
        const file = new DataFile(path, descriptor, () => lock.release());
        try {
          if (isNew) file.#writeHeader(HEADER_BYTES);
          else file.#load();
          return file;
        } catch (error) {
          lock.release();
          throw error;
        }
      } catch (error) {
        closeSync(descriptor);
        if (isNew) rmSync(path, { force: true });
        throw error;
      }
    } catch (error) {
      if (error instanceof FileInUse) throw error;
      throw new Error(`The data file ${path} can't be opened: ${describe(error)}`, { cause: error });
    }
  }

  /** Creates a file that goes away with the process, however the process ends. */
  static createTemporary(): DataFile {
    const folder = mkdtempSync(join(tmpdir(), "dashscope-emulator-"));
    const path = join(folder, "data");
    const descriptor = openSync(path, "wx+");
    const remove = () => rmSync(folder, { recursive: true, force: true });
    // Every system but Windows can remove an open file, and then even `kill -9` leaves nothing behind.
    if (process.platform !== "win32") remove();
    return new DataFile(path, descriptor, remove);
  }

  /** The keys of a table, oldest row first. */
  keys(table: string): string[] {
    return [...(this.#tables.get(table)?.keys() ?? [])];
  }

  /** @throws DataFileError if someone else changed the file. */
  read<Row>(table: string, key: string, schema: z.ZodType<Row>): Row | undefined {
    const location = this.#tables.get(table)?.get(key);
    if (location === undefined) return undefined;
    try {
      const { row } = parseLine(this.#readBytes(location), location.position);
      return schema.parse(JSON.parse(row ?? "null"));
    } catch (error) {
      throw new DataFileError(`The data file ${this.#path} can't be read: ${describe(error)}`, {
        cause: error,
      });
    }
  }

  /**
   * Makes all the changes, or none of them.
   * @throws DataFileError if the file can't be written, for example because the disk is full.
   */
  write(changes: Change[]): void {
    const lines = changes.map(formatLine);
    const bytes = Buffer.concat(lines);
    try {
      writeFully(this.#descriptor, bytes, this.#length);
      this.#writeHeader(this.#length + bytes.length);
    } catch (error) {
      throw new DataFileError(`The data file ${this.#path} can't be written: ${describe(error)}`, {
        cause: error,
      });
    }
    let position = this.#length;
    changes.forEach((change, index) => {
      const { length } = lines[index] ?? bytes;
      this.#index(change.table, change.key, change.row === undefined ? undefined : { position, length });
      position += length;
    });
    this.#length = position;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
    this.#onClose();
  }

  #load(): void {
    const { size } = fstatSync(this.#descriptor);
    if (size === 0) throw new Error("it's empty. Delete it to start without threads.");
    const header = this.#readBytes({ position: 0, length: Math.min(size, HEADER_BYTES) }).toString("latin1");
    const length = Number(HEADER.exec(header)?.[1] ?? Number.NaN);
    if (Number.isNaN(length))
      throw new Error(
        "it isn't a data file of this version of the emulator. Name another file, or delete this one.",
      );
    if (size < length) throw new Error("it's damaged: its end is missing.");
    for (const { line, position } of this.#readLines(length)) {
      const { table, key, row } = parseLine(line, position);
      this.#index(table, key, row === undefined ? undefined : { position, length: line.length });
    }
    this.#length = length;
  }

  #index(table: string, key: string, location: Location | undefined): void {
    const rows = this.#tables.get(table) ?? new Map<string, Location>();
    if (location === undefined) rows.delete(key);
    else rows.set(key, location);
    if (rows.size === 0) this.#tables.delete(table);
    else this.#tables.set(table, rows);
  }

  *#readLines(end: number): Generator<{ line: Buffer; position: number }> {
    let position = HEADER_BYTES;
    let parts: Buffer[] = [];
    for (let read = HEADER_BYTES; read < end; ) {
      const chunk = this.#readBytes({ position: read, length: Math.min(CHUNK_BYTES, end - read) });
      read += chunk.length;
      let start = 0;
      for (let newline = chunk.indexOf("\n"); newline !== -1; newline = chunk.indexOf("\n", start)) {
        const line = Buffer.concat([...parts, chunk.subarray(start, newline + 1)]);
        yield { line, position };
        position += line.length;
        parts = [];
        start = newline + 1;
      }
      parts.push(chunk.subarray(start));
    }
    const rest = Buffer.concat(parts);
    if (rest.length > 0) yield { line: rest, position };
  }

  #readBytes({ position, length }: Location): Buffer {
    const bytes = Buffer.alloc(length);
    for (let read = 0; read < length; ) {
      const count = readSync(this.#descriptor, bytes, read, length - read, position + read);
      if (count === 0) throw createDamageError(position);
      read += count;
    }
    return bytes;
  }

  #writeHeader(length: number): void {
    writeFully(this.#descriptor, formatHeader(length), 0);
  }
}

class FileInUse extends Error {}

function openOrCreate(path: string): { descriptor: number; isNew: boolean } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) return { descriptor: openExisting(path, found), isNew: false };
  mkdirSync(dirname(path), { recursive: true });
  return { descriptor: openSync(path, "wx+"), isNew: true };
}

function openExisting(path: string, found: Stats): number {
  if (found.isDirectory()) throw new Error("it's a folder. Name a file in it.");
  // Opening a named pipe would wait for its other end.
  if (!found.isFile()) throw new Error("it isn't a regular file.");
  return openSync(realpathSync(path), "r+");
}

async function takeLock(path: string, file: BigIntStats): Promise<FileLock> {
  const lock = await lockFile(file);
  if ("release" in lock) return lock;
  const owner = lock.owner === undefined ? "" : ` (process ${lock.owner})`;
  throw new FileInUse(`The data file ${path} is in use by another emulator${owner}.`);
}

/** Writes all the bytes, because one call may write fewer. */
function writeFully(descriptor: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
}

function formatHeader(length: number): Buffer {
  return Buffer.from(`dashscope-emulator 1 ${String(length).padStart(16, "0")}\n`);
}

function formatLine({ table, key, row }: Change): Buffer {
  const text = Buffer.from(`${table} ${key}${row === undefined ? "" : ` ${JSON.stringify(row)}`}`);
  return Buffer.concat([Buffer.from(`${formatChecksum(text)} `), text, Buffer.from("\n")]);
}

function parseLine(line: Buffer, position: number): { table: string; key: string; row: string | undefined } {
  const text = line.subarray(9, -1);
  if (line.subarray(0, 9).toString("latin1") !== `${formatChecksum(text)} ` || line.at(-1) !== 10)
    throw createDamageError(position);
  const [, table = "", key = "", row] = /^(\S+) (\S+)(?: (.*))?$/s.exec(text.toString()) ?? [];
  return { table, key, row };
}

function formatChecksum(text: Buffer): string {
  return crc32(text).toString(16).padStart(8, "0");
}

function createDamageError(position: number): Error {
  return new Error(`it's damaged at byte ${position}.`);
}

function describe(error: unknown): string {
  return isNativeError(error) ? error.message : String(error);
}
