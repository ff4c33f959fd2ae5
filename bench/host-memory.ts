import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const lookEvery = 100;

/**
 * Watches the dynamic-provider host that works in a folder, for its peak of resident memory. Where there is no /proc, which is
 * everywhere but on Linux, nothing is seen.
 */
export class HostMemory {
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;
  #peak = Number.NaN;

  constructor(folder: string) {
    this.#folder = folder;
    this.#timer = setInterval(() => this.#look(), lookEvery);
  }

  /** In bytes; `NaN` when no host was seen. */
  get peak(): number {
    return this.#peak;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    // The engine may start a host only to ask its version: the one that works has the larger peak.
    for (const pid of hostsIn(this.#folder)) {
      const peak = peakOf(pid);
      if (peak !== undefined) this.#peak = Math.max(this.#peak || 0, peak);
    }
  }
}

function hostsIn(folder: string): string[] {
  return entries("/proc").filter(
    (name) =>
      /^\d+$/.test(name) &&
      cwd(name) === folder &&
      read(`/proc/${name}/cmdline`)?.includes("dynamic-provider"),
  );
}

function peakOf(pid: string): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A process may end at any moment, and its files with it. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function cwd(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
