#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import { Command, InvalidArgumentError, Option } from "commander";
import type { z } from "zod";
import { parseKey } from "./accounts";
import type { Behaviour } from "./behaviour";
import { type Emulator, type EmulatorOptions, startEmulator } from "./emulator";
import { type Fault, parseFaults } from "./faults";
import { rateLimitFields } from "./rateLimit";
import { createWholeNumberSchema } from "./validation";

interface CliOptions extends Omit<Behaviour, "missingConversation"> {
  missingConversation: "404" | "400";
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
  dashscope-emulator --data threads.data --api-key sk-test
  dashscope-emulator --fault '{"kind":"error","status":503,"verb":"create","times":2}'
  dashscope-emulator --fault '{"kind":"dropAfter","probability":0.1}' --seed 7
  dashscope-emulator --rate-limit 10 --retry-after

While it runs, over HTTP: GET, PUT and DELETE /_emulator/faults, GET and DELETE /_emulator/requests,
GET /_emulator/threads, GET /_emulator/conversations, POST /_emulator/clock.`;

const program = new Command("dashscope-emulator")
  .description("Serves DashScope's threads and conversations on 127.0.0.1.")
  .version(version)
  .option(
    "--port <n>",
    "port to listen on, 0 for a free one",
    createNumberParser(createWholeNumberSchema("must be a whole number from 0 to 65535.", 0, 65_535)),
    8787,
  )
  .option(
    "--data <file>",
    "file that keeps threads and conversations (default: they go away with the process)",
  )
  .option("--api-key <key...>", "keys to accept, each KEY or KEY=ACCOUNT (default: any key that isn't empty)")
  .option("--workspace <id...>", "workspaces that requests may name (default: any)")
  .option(
    "--latency <ms>",
    "delay every answer",
    createNumberParser(createWholeNumberSchema("must be a whole number of milliseconds.", 0, 2 ** 31 - 1)),
    0,
  )
  .option(
    "--rate-limit <n>",
    "requests a second, the rest answers 429",
    createNumberParser(rateLimitFields.requestsPerSecond),
  )
  .option(
    "--rate-burst <n>",
    "requests that may come at once (default: a second's worth)",
    createNumberParser(rateLimitFields.burst),
  )
  .option("--retry-after", "send Retry-After with those 429")
  .option("--fault <json>", "a failure, as in the examples; can be repeated", collectFaults)
  .option(
    "--seed <n>",
    "seed of faults with a probability",
    createNumberParser(
      createWholeNumberSchema("must be a whole number from 0 to 4294967295.", 0, 2 ** 32 - 1),
    ),
    1,
  )
  .optionsGroup("What is not documented about the service:")
  .addOption(createChoice("--metadata-update <how>", "what an update does to metadata", ["replace", "merge"]))
  .option("--metadata-limits", "refuse metadata over 16 pairs, keys over 64, values over 512 characters")
  .addOption(
    createChoice("--empty-metadata <how>", "how empty metadata is answered", ["object", "null", "absent"]),
  )
  .option("--sort-metadata", "answer metadata sorted by key")
  .option("--account-id <id>", "answer an account_id in every thread, as older answers did")
  .option("--untyped-401", "answer 401 without Content-Type")
  .addOption(
    createChoice("--missing-conversation <status>", "how a missing conversation is answered", ["404", "400"]),
  )
  .addOption(
    createChoice("--update-without-metadata <how>", "what such an update of a conversation does", [
      "refuse",
      "keep",
      "clear",
    ]),
  )
  .addOption(
    createChoice("--assistant-input-text <how>", "whether an assistant's item may have input_text", [
      "refuse",
      "accept",
    ]),
  )
  .addOption(
    createChoice("--string-content <how>", "how an item's content that was a string is answered", [
      "part",
      "string",
    ]),
  )
  .addOption(
    createChoice(
      "--deleted-conversation-items <how>",
      "what calls on the items of a deleted conversation find",
      ["missing", "readable"],
    ),
  )
  .addHelpText("after", EXAMPLES)
  .action(run);

async function run(options: CliOptions): Promise<void> {
  let emulator: Emulator;
  try {
    emulator = await startEmulator(toEmulatorOptions(options));
  } catch (error) {
    console.error(`dashscope-emulator: ${isNativeError(error) ? error.message : String(error)}`);
    process.exitCode = 1;
    return;
  }
  console.log(`export DASHSCOPE_HTTP_BASE_URL=${emulator.url}`);
  console.log(`export DASHSCOPE_COMPATIBLE_BASE_URL=${emulator.compatibleUrl}`);
  console.log(`export DASHSCOPE_API_KEY=${parseKey(options.apiKey?.[0] ?? "sk-emulator")}`);
  console.log(`# Contents and requests: ${emulator.origin}/_emulator`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void emulator.close());
}

function toEmulatorOptions(options: CliOptions): EmulatorOptions {
  const { missingConversation, apiKey, workspace, fault, rateLimit, rateBurst, retryAfter, ...sameInBoth } =
    options;
  if (rateLimit === undefined && (rateBurst !== undefined || retryAfter))
    throw new Error("--rate-burst and --retry-after require --rate-limit.");
  return {
    ...sameInBoth,
    missingConversation: missingConversation === "400" ? 400 : 404,
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

/** Creates the parser of an option that is a number. */
function createNumberParser(schema: z.ZodType<number | undefined>): (text: string) => number {
  return (text) => {
    const { data, error } = schema.safeParse(text.trim() === "" ? Number.NaN : Number(text));
    if (data === undefined) throw new InvalidArgumentError(`It ${error?.issues[0]?.message}`);
    return data;
  };
}

/** Creates an option with choices, the first of which is the default. */
function createChoice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices).default(choices[0]);
}

function collectFaults(text: string, before: Fault[] = []): Fault[] {
  try {
    const given: unknown = JSON.parse(text);
    return [...before, ...parseFaults([given])];
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new InvalidArgumentError('It must be JSON, such as {"kind":"dropAfter"}.');
    }
    throw new InvalidArgumentError(isNativeError(error) ? error.message : String(error));
  }
}

void program.parseAsync();
