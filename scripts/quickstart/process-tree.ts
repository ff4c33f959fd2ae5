import { execFileSync } from "node:child_process";

/** Lists a process and its descendants. Pulumi's plugins are in process groups of their own. */
export function listTree(root: number): number[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const processes = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree) {
    for (const [pid, parentOfPid] of processes) {
      if (parentOfPid === parent && pid !== undefined) tree.push(pid);
    }
  }
  return tree;
}

/** Kills a process, its descendants and its process group. Without `ps`, it kills only the process group. */
export function killTree(root: number): void {
  for (const pid of [...tryListTree(root), -root]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has already ended.
    }
  }
}

function tryListTree(root: number): number[] {
  try {
    return listTree(root);
  } catch {
    return [];
  }
}
