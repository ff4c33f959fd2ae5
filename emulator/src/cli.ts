#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import { Command, InvalidArgumentError, Option } from "commander";
import { parseKey } from "./accounts";
import type { Behaviour } from "./behaviour";
import { type Emulator, type EmulatorOptions, startEmulator } from "./emulator";
import { type Fault, readFaults } from "./faults";

interface CliOptions extends Behaviour {
  port: number;
  data?: string;
  apiKey?: string[];
  workspace?: string[];
  latency: number;
  fault?: Fault[];
  seed: number;
  rateLimit?: number;
  rateBurst?: number;
  retryAfter?: boolean;
}

const { version }: { version: string } = JSON.parse(
  readFileSync(join(__dirname, "..", "package.json"), "utf8"),
);

const EXAMPLES = `
Examples:
  dashscope-emulator --data threads.mdb --api-key sk-test
  dashscope-emulator --fault '{"kind":"error","status":503,"verb":"create","times":2}'
  dashscope-emulator --fault '{"kind":"dropAfter","probability":0.1}' --seed 7
  dashscope-emulator --rate-limit 10 --retry-after

While it runs, the same over HTTP: GET, PUT and DELETE /_emulator/faults, GET and DELETE
/_emulator/requests, GET /_emulator/threads.`;

const program = new Command("dashscope-emulator")
  .description("A DashScope-compatible server of threads and messages on 127.0.0.1.")
  .version(version)
  .option("--port <n>", "port to listen on, 0 for a free one", wholeNumber(65_535), 8787)
  .option("--data <file>", "file that keeps threads and messages (default: they are gone with the process)")
  .option("--api-key <key...>", "keys to accept, each KEY or KEY=ACCOUNT (default: any key that isn't empty)")
  .option("--workspace <id...>", "workspaces that requests may name (default: any)")
  .option("--latency <ms>", "hold every answer back", wholeNumber(), 0)
  .option("--rate-limit <n>", "requests a second, the rest answers 429", positiveNumber)
  .option("--rate-burst <n>", "requests that may come at once (default: a second's worth)", numberFrom(1))
  .option("--retry-after", "send Retry-After with those 429")
  .option(
    "--fault <json>",
    "something going wrong, such as the examples below; can be repeated",
    collectFaults,
  )
  .option("--seed <n>", "seed of faults with a probability", wholeNumber(), 1)
  .optionsGroup("What is not documented about the service:")
  .addOption(
    new Option("--metadata-update <how>", "what an update does to metadata")
      .choices(["replace", "merge"])
      .default("replace"),
  )
  .option("--metadata-limits", "refuse metadata over 16 pairs, keys over 64, values over 512 characters")
  .addOption(
    new Option("--empty-metadata <how>", "how empty metadata is answered")
      .choices(["object", "null", "absent"])
      .default("object"),
  )
  .option("--sort-metadata", "answer metadata sorted by key")
  .option("--account-id <id>", "answer an account_id in every thread, as older answers did")
  .option("--untyped-401", "answer 401 without Content-Type")
  .addHelpText("after", EXAMPLES)
  .action(run);

async function run(options: CliOptions): Promise<void> {
  let emulator: Emulator;
  try {
    emulator = await startEmulator(emulatorOptions(options));
  } catch (error) {
    console.error(`dashscope-emulator: ${isNativeError(error) ? error.message : String(error)}`);
    process.exitCode = 1;
    return;
  }
  console.log(`export DASHSCOPE_HTTP_BASE_URL=${emulator.url}`);
  console.log(`export DASHSCOPE_API_KEY=${parseKey(options.apiKey?.[0] ?? "sk-emulator")}`);
  console.log(`# See what it holds and is asked at ${emulator.origin}/_emulator`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void emulator.close());
}

function emulatorOptions(options: CliOptions): EmulatorOptions {
  const { apiKey, workspace, fault, rateLimit, rateBurst, retryAfter, ...sameInBoth } = options;
  if (rateLimit === undefined && (rateBurst !== undefined || retryAfter))
    throw new Error("--rate-burst and --retry-after need --rate-limit.");
  return {
    ...sameInBoth,
    ...(apiKey && { apiKeys: apiKey }),
    ...(workspace && { workspaces: workspace }),
    ...(fault && { faults: fault }),
    ...(rateLimit !== undefined && {
      rateLimit: {
        requestsPerSecond: rateLimit,
        ...(rateBurst !== undefined && { burst: rateBurst }),
        ...(retryAfter !== undefined && { retryAfter }),
      },
    }),
  };
}

function wholeNumber(max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = max === Number.MAX_SAFE_INTEGER ? "" : ` up to ${max}`;
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number > max)
      throw new InvalidArgumentError(`It must be a whole number${range}.`);
    return number;
  };
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number)))
    throw new InvalidArgumentError("It must be a number above 0.");
  return number;
}

function numberFrom(min: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!(number >= min && Number.isFinite(number)))
      throw new InvalidArgumentError(`It must be a number from ${min}.`);
    return number;
  };
}

function collectFaults(text: string, before: Fault[] = []): Fault[] {
  try {
    const given: unknown = JSON.parse(text);
    return [...before, ...readFaults([given])];
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new InvalidArgumentError('It must be JSON, such as {"kind":"dropAfter"}.');
    }
    throw new InvalidArgumentError(isNativeError(error) ? error.message : String(error));
  }
}

void program.parseAsync();
