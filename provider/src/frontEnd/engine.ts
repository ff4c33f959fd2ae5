import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";

/** Returns the engine's address, which Pulumi passes to every process of an update as an argument, after flags such as `-v=9`. */
export function getEngineAddress(): string | undefined {
  return process.argv.slice(2).find((argument) => /^[\w.[\]:-]+:\d+$/.test(argument));
}

/**
 * Describes the engine's process, so that two updates whose engines got the same port differ. Where that can't be read, the address alone
 * has to do.
 *
 * @param generations how many processes up the engine is: its child is 1
 */
export function describeEngineStart(generations: number): string {
  try {
    let engine = process.ppid;
    for (let up = 1; up < generations; up++) engine = readStat(engine).parent;
    return `${engine}-${readStat(engine).startTime}`;
  } catch {
    return "";
  }
}

/** Reads Linux's `/proc/PID/stat`, in which the name, in parentheses, may contain spaces. */
function readStat(pid: number): { readonly parent: number; readonly startTime: string | undefined } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), startTime: fields[19] };
}

/** Watches the engine through one connection that stays open. A port can be reused, but a connection can't. */
export class EngineWatch {
  readonly #session: ClientHttp2Session;
  readonly #connected: Promise<void>;
  #isGone = false;

  /** @param onGone called once, when the engine has ended */
  constructor(address: string, onGone: () => void) {
    this.#session = connect(`http://${address}`);
    const end = () => {
      if (this.#isGone) return;
      this.#isGone = true;
      onGone();
    };
    this.#connected = new Promise((resolve) => {
      this.#session.once("connect", () => resolve());
      this.#session.once("close", () => {
        end();
        resolve();
      });
    });
    this.#session.on("error", () => undefined);
    this.#session.on("goaway", end);
    this.#session.unref();
  }

  /** Resolves to whether the engine is there. */
  async isAlive(): Promise<boolean> {
    await this.#connected;
    return !this.#isGone;
  }
}
