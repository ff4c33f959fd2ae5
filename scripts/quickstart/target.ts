import { randomInt } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import { type Emulator, startEmulator } from "dashscope-emulator";
import { isSystemError } from "../system-error";

/** Whom the quickstart's threads live with. Each has a stack of its own, so that one's state is never taken for the other's. */
export interface Target {
  readonly stack: string;
  readonly description: string;
  /** What the provider is told, and which of this machine's variables would contradict it. */
  readonly env: Readonly<Record<string, string>>;
  readonly hidden: RegExp;
  close(): Promise<void>;
}

/** The service where its key is set, else an emulator that keeps its threads in the folder. */
export async function chooseTarget(folder: string): Promise<Target> {
  return process.env["DASHSCOPE_API_KEY"] ? service() : emulatorIn(folder);
}

/** The provider reads its variables itself, so that there is nothing to tell it. */
function service(): Target {
  return {
    stack: "dashscope",
    description: `With the key in DASHSCOPE_API_KEY, at ${process.env["DASHSCOPE_HTTP_BASE_URL"] || "DashScope itself"}.`,
    env: {},
    hidden: /^PULUMI_/,
    close: async () => {},
  };
}

const apiKey = "sk-emulator";

async function emulatorIn(folder: string): Promise<Target> {
  const emulator = await startWhereItWas(folder);
  return {
    stack: "emulator",
    description: `On an emulator of DashScope at ${emulator.origin}, as no DASHSCOPE_API_KEY is set.`,
    env: { DASHSCOPE_API_KEY: apiKey, DASHSCOPE_HTTP_BASE_URL: emulator.url },
    hidden: /^(DASHSCOPE|PULUMI)_/,
    close: () => emulator.close(),
  };
}

/** Not one that systems give to outgoing connections, and another one in every project, so that it stays free. */
const anyPort = () => randomInt(20_000, 32_000);

/** Threads are pinned to the base URL they were created at: an emulator on another port would not be theirs. */
async function startWhereItWas(folder: string): Promise<Emulator> {
  await mkdir(folder, { recursive: true });
  const portFile = join(folder, "emulator.port");
  const options = { data: join(folder, "threads.mdb"), apiKeys: [apiKey] };
  const port = await readFile(portFile, "utf8").then(Number, () => undefined);
  if (port !== undefined) {
    return startEmulator({ ...options, port }).catch((error: unknown) => {
      if (!isPortTaken(error)) throw error;
      throw new Error(
        `Port ${port} is in use, and the quickstart's threads belong to it: stop what uses it, or remove ${folder} to begin anew.`,
      );
    });
  }
  const emulator = await startEmulator({ ...options, port: anyPort() }).catch((error: unknown) => {
    if (!isPortTaken(error)) throw error;
    return startEmulator(options);
  });
  await writeFile(portFile, `${emulator.port}\n`);
  return emulator;
}

function isPortTaken(error: unknown): boolean {
  return isNativeError(error) && isSystemError(error.cause, "EADDRINUSE");
}
