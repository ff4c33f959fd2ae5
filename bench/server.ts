import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { checkout } from "./compiled";

/** The emulator in a process of its own, so that it takes no time from the clients' one. */
export interface Server {
  /** The API's base URL. */
  readonly url: string;
  /** Milliseconds from the start of the process to its being ready. */
  readonly startup: number;
  /** How many requests it has seen since this was last asked. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

/** @param args further options of the command. */
export async function startServer(...args: string[]): Promise<Server> {
  const program = join(checkout, "emulator/dist/cli.js");
  const started = performance.now();
  const child = spawn(process.execPath, [program, "--port", "0", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill();
  process.once("exit", kill);
  const [line] = await once(createInterface(child.stdout), "line");
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0];
  if (origin === undefined) throw new Error(`The emulator did not start: ${line}`);
  const startup = performance.now() - started;
  const log = `${origin}/_emulator/requests`;
  return {
    url: `${origin}/api/v1`,
    startup,
    async requests() {
      const seen: unknown = await (await fetch(log)).json();
      await fetch(log, { method: "DELETE" });
      return Array.isArray(seen) ? seen.length : Number.NaN;
    },
    async stop() {
      process.off("exit", kill);
      kill();
      await once(child, "exit");
    },
  };
}
