import { randomBytes } from "node:crypto";
import { Configuration, createClientLoader } from "../config/configuration";
import type { Client } from "../dashscope/client";
import { isGone } from "../dashscope/errors";
import { quoteText } from "../dashscope/quote";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { MissingError } from "../resource/errors";
import { getProviderText, getTypeToken } from "../resource/providerText";
import { objectId, type RemoteObject } from "../resource/remoteObjects";
import { threads } from "../thread/endpoints";
import { type Command, parseArguments, readFile, UsageError, writeFile } from "./command";

const help = `Usage: pulumi-dashscope import-file [options] [NAME=]ID ...

Reads existing threads, writes the file that \`pulumi import --file\` takes, and prints the program text that matches.
After the import, \`pulumi up\` shows no change. Requires Pulumi 3.254 or newer.

  [NAME=]ID          the resource's name in the program, and the thread ID; the name defaults to the ID
  --ids FILE         a file with more of them, one per line
  --workspace ID     the workspace of the threads (default: DASHSCOPE_WORKSPACE_ID, otherwise the key's own)
  --out FILE         the file to write (default: import.json)
  --force            replaces the file if it exists
  -h, --help         prints this help
  --version          prints the version

The key, the region and the base URL come from the environment: DASHSCOPE_API_KEY, DASHSCOPE_API_REGION,
DASHSCOPE_HTTP_BASE_URL. The command doesn't read the stack configuration: set them, and --workspace, to what the stack
uses.

The resource option \`import\` and \`pulumi import TYPE NAME ID\` don't work for dynamic resources such as a thread, because
Pulumi loads their hooks from the record that the import is to create (https://github.com/pulumi/pulumi/issues/3550).
To take over a few threads, set \`adoptId\` in the program.

Exit codes: 0, done. 1, failed, and nothing was written. 2, wrong arguments.`;

/** A thread to import: the resource's name and the thread ID. */
interface Wanted {
  readonly name: string;
  readonly id: string;
}

/** `pulumi-dashscope import-file`. */
export const importFile: Command = {
  help,
  async run(args) {
    const { values, positionals } = parseArguments({
      args: [...args],
      allowPositionals: true,
      options: {
        ids: { type: "string" },
        workspace: { type: "string" },
        out: { type: "string", default: "import.json" },
        force: { type: "boolean", default: false },
      },
    });
    const listed = values.ids === undefined ? [] : readFile("--ids", values.ids).split(/\s+/).filter(Boolean);
    const wanted = [...positionals, ...listed].map(parseWanted);
    if (wanted.length === 0) {
      throw new UsageError("import-file requires at least one thread ID. Run the command with --help.");
    }
    assertDistinct(
      "thread ID",
      wanted.map(({ id }) => id),
    );
    assertDistinct(
      "name",
      wanted.map(({ name }) => name),
    );

    const configuration = new Configuration(process.env);
    const { endpoint } = configuration.resolveEndpoint("native", values.workspace);
    const client = await createClientLoader(configuration)();
    const found = await Promise.all(wanted.map(({ id }) => fetchExisting(client, endpoint, id)));
    const entries = found.map((thread, at) =>
      buildEntry(wanted[at]?.name ?? thread.id, thread, endpoint, configuration.computeFingerprint(endpoint)),
    );
    writeFile("--out", values.out, `${JSON.stringify({ resources: entries }, null, 2)}\n`, values.force);
    console.log(
      `${found.map((thread, at) => formatDeclaration(wanted[at]?.name ?? thread.id, thread, endpoint)).join("\n\n")}\n`,
    );
    console.error(
      `Wrote ${values.out}. Add the program text above to your program, then run: pulumi import --file ${values.out} --generate-code=false`,
    );
    return 0;
  },
};

function parseWanted(argument: string): Wanted {
  const [, name, id = ""] = /^(?:([^=]+)=)?(.*)$/.exec(argument) ?? [];
  if (!objectId.test(id)) {
    throw new UsageError(
      `Invalid thread ID ${quoteText(id)}: use only letters, digits, \`-\` and \`_\`, as ID or NAME=ID.`,
    );
  }
  return { name: name ?? id, id };
}

function assertDistinct(what: string, values: readonly string[]): void {
  const repeated = values.find((value, at) => values.indexOf(value) !== at);
  if (repeated !== undefined)
    throw new UsageError(`The ${what} ${repeated} is given twice. Remove one of them.`);
}

async function fetchExisting(client: Client, endpoint: Endpoint, id: string): Promise<RemoteObject> {
  try {
    return await threads.fetch(client, endpoint, id);
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new MissingError(`thread ${id}`, describeEndpoint(endpoint), error);
  }
}

function buildEntry(name: string, thread: RemoteObject, endpoint: Endpoint, key: string) {
  const { id, createdAt, metadata } = thread;
  const __provider = getProviderText("Thread");
  const isLabeled = Object.keys(metadata).length > 0;
  return {
    type: getTypeToken("Thread"),
    name,
    id,
    inputs: { ...endpoint, ...(isLabeled && { metadata }), __provider },
    outputs: {
      ...endpoint,
      metadata,
      ...(createdAt !== undefined && { createdAt }),
      ...(!isLabeled && { __metadataUndeclared: true }),
      __keys: [key],
      __instance: randomBytes(9).toString("base64url"),
      __provider,
    },
  };
}

/** The declaration that shows no change after the import. `protect` is what `pulumi import` sets. */
function formatDeclaration(name: string, { metadata }: RemoteObject, { workspace }: Endpoint): string {
  const args = {
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(workspace !== undefined && { workspace }),
  };
  return `new dashscope.Thread(${JSON.stringify(name)}, ${JSON.stringify(args, null, 2)}, { protect: true });`;
}
