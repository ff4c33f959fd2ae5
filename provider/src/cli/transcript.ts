import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Configuration, createClientLoader } from "../config/configuration";
import type { Client } from "../dashscope/client";
import { ConfigurationError, isGone } from "../dashscope/errors";
import { quoteText } from "../dashscope/quote";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { MissingError } from "../resource/errors";
import { objectId } from "../resource/remoteObjects";
import { listMessages } from "../thread/endpoints";
import { type Command, parseArguments, UsageError } from "./command";

const help = `Usage: pulumi-dashscope transcript [options] ID ...

Archives threads: writes all messages of each one, oldest first, to the file ID.jsonl, one message a line, as DashScope answers
them. A conversation keeps only the newest 100 items of the last 7 days, so archive a thread before you delete it.

  ID                 a thread ID
  --out FOLDER       the folder to write to, which is created if it's missing (default: the current folder)
  --workspace ID     the workspace of the threads (default: DASHSCOPE_WORKSPACE_ID, otherwise the key's own)
  --force            replaces files that exist
  -h, --help         prints this help
  --version          prints the version

The key, the region and the base URL come from the environment: DASHSCOPE_API_KEY, DASHSCOPE_API_REGION,
DASHSCOPE_HTTP_BASE_URL. The command doesn't read the stack configuration.

Exit codes: 0, done. 1, failed; the files of the threads before are complete. 2, wrong arguments.`;

const reportInterval = 5_000;

/** `pulumi-dashscope transcript`. */
export const transcript: Command = {
  help,
  async run(args) {
    const { values, positionals: ids } = parseArguments({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: "string", default: "." },
        workspace: { type: "string" },
        force: { type: "boolean", default: false },
      },
    });
    if (ids.length === 0) {
      throw new UsageError("transcript requires at least one thread ID. Run the command with --help.");
    }
    const invalid = ids.find((id) => !objectId.test(id));
    if (invalid !== undefined) {
      throw new UsageError(
        `Invalid thread ID ${quoteText(invalid)}: use only letters, digits, \`-\` and \`_\`.`,
      );
    }
    const files = new Map(ids.map((id) => [id, join(values.out, `${id}.jsonl`)]));
    const existing = [...files.values()].find((file) => existsSync(file));
    if (existing !== undefined && !values.force) {
      throw new ConfigurationError(`The file ${existing} exists already. To replace it, add --force.`);
    }
    const configuration = new Configuration(process.env);
    const { endpoint } = configuration.resolveEndpoint("native", values.workspace);
    const client = await createClientLoader(configuration)();
    makeFolder(values.out);
    for (const [id, file] of files) {
      const count = await writeTranscript(client, endpoint, id, file);
      console.log(`Wrote ${count} ${count === 1 ? "message" : "messages"} to ${file}.`);
    }
    return 0;
  },
};

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    throw new ConfigurationError(`Can't create the folder that \`--out\` names: ${folder}.`);
  }
}

/** Writes beside the file first, so that an incomplete transcript never has its name. */
async function writeTranscript(
  client: Client,
  endpoint: Endpoint,
  id: string,
  file: string,
): Promise<number> {
  const part = `${file}.part`;
  // Messages may be private.
  const descriptor = openFile(part);
  let count = 0;
  let reported = Date.now();
  try {
    for await (const messages of listPages(client, endpoint, id)) {
      writeSync(descriptor, messages.map((message) => `${JSON.stringify(message, dropSecret)}\n`).join(""));
      count += messages.length;
      if (Date.now() - reported < reportInterval) continue;
      reported = Date.now();
      console.error(`${id}: ${count} messages so far.`);
    }
    closeSync(descriptor);
    renameSync(part, file);
  } catch (error) {
    closeSync(descriptor);
    rmSync(part, { force: true });
    throw isGone(error) ? new MissingError(`thread ${id}`, describeEndpoint(endpoint), error) : error;
  }
  return count;
}

function openFile(file: string): number {
  try {
    return openSync(file, "w", 0o600);
  } catch {
    throw new ConfigurationError(`Can't write the file ${file}.`);
  }
}

async function* listPages(client: Client, endpoint: Endpoint, id: string): AsyncGenerator<unknown[]> {
  let after: string | undefined;
  do {
    const page = await listMessages(client, endpoint, id, { order: "asc", after });
    yield page.messages.map(({ answered }) => answered);
    const last = page.messages.at(-1)?.id;
    // A server that ignores `after` would answer the same page forever.
    after = page.hasMore && last !== after ? last : undefined;
  } while (after !== undefined);
}

/** Older answers contain this key of the account in every object. */
function dropSecret(key: string, value: unknown): unknown {
  return key === "account_id" ? undefined : value;
}
