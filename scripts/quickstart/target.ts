import { randomInt } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import { type Emulator, startEmulator } from "dashscope-emulator";
import { hasCode } from "../error";

/** The server of the threads. Each has its own stack, because a state is valid only for the server that it comes from. */
export interface Target {
  readonly stack: string;
  readonly description: string;
  /** The environment variables for the provider. */
  readonly env: Readonly<Record<string, string>>;
  /** The inherited variables that the provider must not see. */
  readonly hidden: RegExp;
  close(): Promise<void>;
}

/** Chooses DashScope if `DASHSCOPE_API_KEY` is set. Otherwise starts an emulator that keeps its data in the folder. */
export async function chooseTarget(folder: string): Promise<Target> {
  return process.env["DASHSCOPE_API_KEY"] ? useService() : useEmulator(folder);
}

function useService(): Target {
  const endpoint = process.env["DASHSCOPE_HTTP_BASE_URL"];
  return {
    stack: "dashscope",
    description: `Using ${endpoint || "DashScope"} with the key in \`DASHSCOPE_API_KEY\`.`,
    env: {},
    hidden: /^PULUMI_/,
    close: async () => {},
  };
}

const apiKey = "sk-emulator";

async function useEmulator(folder: string): Promise<Target> {
  const emulator = await startOnSamePort(folder);
  return {
    stack: "emulator",
    description: `Using an emulator of DashScope at ${emulator.origin}, because \`DASHSCOPE_API_KEY\` isn't set.`,
    env: {
      DASHSCOPE_API_KEY: apiKey,
      DASHSCOPE_HTTP_BASE_URL: emulator.url,
      // The notice is about the real service.
      DASHSCOPE_SILENCE_DEPRECATION: "true",
    },
    hidden: /^(DASHSCOPE|PULUMI)_/,
    close: () => emulator.close(),
  };
}

/** A thread belongs to the base URL where it was created, so the emulator needs the same port in each run. */
async function startOnSamePort(folder: string): Promise<Emulator> {
  await mkdir(folder, { recursive: true });
  const portFile = join(folder, "emulator.port");
  const options = { data: join(folder, "threads.log"), apiKeys: [apiKey] };
  const port = await readFile(portFile, "utf8").then(Number, () => undefined);
  if (port !== undefined) {
    return startEmulator({ ...options, port }).catch((error: unknown) => {
      if (!isPortInUse(error)) throw error;
      throw new Error(
        `Port ${port} is in use, and the quickstart's threads belong to it. Stop the program that uses the port, or remove ${folder} to begin again.`,
      );
    });
  }
  // A random port is likely to stay free. Systems use higher ones for outgoing connections.
  const emulator = await startEmulator({ ...options, port: randomInt(20_000, 32_000) }).catch(
    (error: unknown) => {
      if (!isPortInUse(error)) throw error;
      return startEmulator(options);
    },
  );
  await writeFile(portFile, `${emulator.port}\n`);
  return emulator;
}

function isPortInUse(error: unknown): boolean {
  return isNativeError(error) && hasCode(error.cause, "EADDRINUSE");
}
