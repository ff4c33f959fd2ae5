import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import { open, type RootDatabase } from "lmdb";

/** An open lmdb file that no other emulator has. */
export interface DataFile {
  readonly root: RootDatabase;
  close(): Promise<void>;
}

const LMDB_MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe]);

const openInThisProcess = new Set<string>();

/**
 * Opens the file, made with its folder where there is none.
 * @throws Error when the file cannot be opened, or another emulator has it.
 */
export function openDataFile(path: string): DataFile {
  if (existsSync(path) && openInThisProcess.has(realpathSync(path))) throw inUse(path, process.pid);
  const root = openRoot(path);
  const owner = otherProcess(root);
  if (owner !== undefined) {
    void root.close();
    throw inUse(path, owner);
  }
  const file = realpathSync(path);
  openInThisProcess.add(file);
  return {
    root,
    close: async () => {
      await root.close();
      openInThisProcess.delete(file);
    },
  };
}

const inUse = (path: string, owner: number): Error =>
  new Error(`The data file ${path} is in use by another emulator (process ${owner}).`);

/** A file of its own that goes away with the process, however that ends. */
export function openTemporaryFile(): DataFile {
  const folder = mkdtempSync(join(tmpdir(), "dashscope-emulator-"));
  const root = open({ path: join(folder, "data"), noSubdir: true, noSync: true });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // An open file can be removed at once, and then even kill -9 leaves nothing behind: except on Windows.
  if (process.platform !== "win32") remove();
  return {
    root,
    close: async () => {
      await root.close();
      remove();
    },
  };
}

function openRoot(path: string): RootDatabase {
  try {
    checkContent(path);
    return open({ path, noSubdir: true });
  } catch (error) {
    const reason = isNativeError(error) ? error.message : String(error);
    throw new Error(`The data file ${path} cannot be opened: ${reason}`, { cause: error });
  }
}

// lmdb itself would crash the process on a file of something else.
function checkContent(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.size === 0) return;
  if (found.isDirectory()) throw new Error("it is a folder, name a file in it.");
  const head = Buffer.alloc(64);
  const file = openSync(path, "r");
  readSync(file, head);
  closeSync(file);
  if (!head.includes(LMDB_MAGIC)) throw new Error("no emulator made it.");
}

/**
 * The process that has the file open besides this one. lmdb's table of readers tells, after dropping whoever was
 * killed: it asks the operating system, not a file that a killed process leaves behind.
 */
function otherProcess(root: RootDatabase): number | undefined {
  // A first read puts ourselves into the table: of two emulators that start at once, one at least sees the other.
  root.get("");
  root.readerCheck();
  const processes = [...root.readerList().matchAll(/^ *(\d+)/gm)].map(([, pid]) => Number(pid));
  return processes.find((pid) => pid !== process.pid);
}
