import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const milliseconds = 100;

/** Watches the peak memory of the dynamic-provider host, or of the plugin, that runs in a folder. It finds nothing if there is no /proc, as outside of Linux. */
export class HostMemory {
  /** Bytes, or `NaN` if no host was seen. */
  peak = Number.NaN;
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;

  constructor(folder: string) {
    this.#folder = folder;
    this.#timer = setInterval(() => this.#measure(), milliseconds);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #measure(): void {
    for (const pid of tryTo(() => readdirSync("/proc")) ?? []) {
      const bytes = /^\d+$/.test(pid) ? tryTo(() => readPeak(pid, this.#folder)) : undefined;
      // The engine may start a host only to ask its version. The host that works has the larger peak.
      if (bytes !== undefined) this.peak = Math.max(this.peak || 0, bytes);
    }
  }
}

function readPeak(pid: string, folder: string): number | undefined {
  if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return undefined;
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
  if (!/dynamic-provider|pulumi-resource-dashscope/.test(command)) return undefined;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** A process can end at any moment, and its files with it. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
