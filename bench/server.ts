import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../scripts/run";

/** The emulator in its own process, so that it takes no time from the clients. */
export interface Server {
  readonly baseUrl: string;
  /** Returns the number of requests since the last call of this function. */
  countRequests(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the emulator with options of its command. */
export async function startServer(...options: string[]): Promise<Server> {
  const program = join(root, "emulator/dist/cli.js");
  const child = spawn(process.execPath, [program, "--port", "0", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill();
  process.once("exit", kill);
  const [line] = await once(createInterface(child.stdout), "line");
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0];
  if (origin === undefined) throw new Error(`The emulator didn't start: ${line}`);
  const log = `${origin}/_emulator/requests`;
  return {
    baseUrl: `${origin}/api/v1`,
    async countRequests() {
      const requests: unknown = await (await fetch(log)).json();
      await fetch(log, { method: "DELETE" });
      return Array.isArray(requests) ? requests.length : Number.NaN;
    },
    async stop() {
      process.off("exit", kill);
      kill();
      await once(child, "exit");
    },
  };
}
