import { execFileSync } from "node:child_process";

/** A process and all that it started, and that those started: Pulumi gives its plugins process groups of their own. */
export function treeOf(root: number): number[] {
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const processes = listed
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

/** Kills them all, those that start others first; where there is no `ps`, at least those in the process group. */
export function killTree(root: number): void {
  for (const pid of [...treeOrNothing(root), -root]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function treeOrNothing(root: number): number[] {
  try {
    return treeOf(root);
  } catch {
    return [];
  }
}
