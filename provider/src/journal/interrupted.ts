import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { getJournalFolder } from "./journal";

/**
 * Finds runs that were interrupted since the last time, and marks them as told. A run is interrupted if its journal is open and its
 * process is gone.
 *
 * @returns how many
 */
export function takeInterruptedRuns(environment: NodeJS.ProcessEnv): number {
  const folder = getJournalFolder(environment);
  if (folder === undefined) return 0;
  let runs = 0;
  for (const name of listFiles(folder)) {
    const pid = /-(\d+)-open\.jsonl$/.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    try {
      const isCreating = readFileSync(join(folder, name), "utf8").includes('"event":"sent"');
      renameSync(join(folder, name), join(folder, name.replace("-open.jsonl", "-interrupted.jsonl")));
      if (isCreating) runs++;
    } catch {
      // Another process has just told about it.
    }
  }
  return runs;
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but belongs to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
