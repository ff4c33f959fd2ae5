import { mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";

/** An open lmdb file that no other emulator has. */
export interface DataFile {
  readonly root: RootDatabase;
  close(): Promise<void>;
}

const openInThisProcess = new Set<string>();

/** @throws Error when the file cannot be opened, or another emulator has it. */
export function openDataFile(path: string): DataFile {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`The data file ${path} is a folder: name a file in it.`);
  const root = openRoot(path);
  const file = realpathSync(path);
  const owner = openInThisProcess.has(file) ? process.pid : otherProcess(root);
  if (owner !== undefined) {
    void root.close();
    throw new Error(`The data file ${path} is in use by another emulator (process ${owner}).`);
  }
  openInThisProcess.add(file);
  return {
    root,
    close: async () => {
      await root.close();
      openInThisProcess.delete(file);
    },
  };
}

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
    return open({ path, noSubdir: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The data file ${path} cannot be opened: ${reason}`, { cause: error });
  }
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
