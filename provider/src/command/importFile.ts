import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ConfigurationError } from "../dashscope/errors";
import { threadId } from "../dashscope/threadId";
import { Configuration } from "../pulumi/configuration";
import { threadProviderText, threadType } from "../pulumi/providerText";
import { threadsOf } from "../pulumi/threads";
import { MissingThreadError } from "../thread/errors";
import { declarationOf, type ImportEntry, importEntry } from "../thread/importEntry";

export const help = `Usage: pulumi-dashscope import-file [options] [NAME=]ID ...

Reads existing threads, writes the file that \`pulumi import --file\` takes, and prints the program text that matches.
Afterwards \`pulumi up\` shows no change. Needs Pulumi 3.254 or newer.

  [NAME=]ID          the resource's name in the program and the thread's id; the name defaults to the id
  --ids FILE         more of them, one a line
  --workspace ID     the workspace the threads belong to (default: DASHSCOPE_WORKSPACE_ID, else the key's own)
  --out FILE         the file to write (default: import.json)

The key, the region and the base URL come from the environment: DASHSCOPE_API_KEY, DASHSCOPE_API_REGION,
DASHSCOPE_HTTP_BASE_URL. The stack's configuration is not read: set them, and --workspace, to what the stack uses, or the
next \`pulumi up\` would replace the threads.

Why not the resource option \`import\`, or \`pulumi import TYPE NAME ID\`? A thread is a dynamic resource, whose hooks
Pulumi loads from the resource's own record; a thread that is yet to be imported has no record to load them from
(https://github.com/pulumi/pulumi/issues/3550). To take over a few threads, adoptId in the program is simpler still.`;

/**
 * `pulumi-dashscope import-file`.
 *
 * @throws DashScopeError when an argument is wrong, a thread is missing, or DashScope says no; nothing is written then
 */
export async function importFile(args: readonly string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  const listed = values.ids === undefined ? [] : contentOf(values.ids).split(/\s+/).filter(Boolean);
  const wanted = [...positionals, ...listed].map(named);
  if (wanted.length === 0)
    throw new ConfigurationError("import-file needs the id of at least one thread; see --help.");

  const configuration = new Configuration(process.env, () => undefined);
  const place = configuration.place(values.workspace === undefined ? {} : { workspace: values.workspace });
  const threads = await threadsOf(configuration);
  const entries = await Promise.all(
    wanted.map(async ({ name, id }) => {
      const entry = await importEntry(name, id, place, threads);
      if (entry === undefined) throw new MissingThreadError(id, place);
      return entry;
    }),
  );
  write(values.out, `${JSON.stringify({ resources: entries.map(resource) }, null, 2)}\n`);
  console.log(`${entries.map(declarationOf).join("\n\n")}\n`);
  console.error(
    `Wrote ${values.out}. Now add the program text above, then run: pulumi import --file ${values.out} --generate-code=false`,
  );
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ids: { type: "string" },
        workspace: { type: "string" },
        out: { type: "string", default: "import.json" },
      },
    });
  } catch (error) {
    // Its first sentence says what is wrong, the others how to pass a thread's id that begins with a dash.
    const [what] = error instanceof Error ? error.message.split(". ") : [];
    throw new ConfigurationError(`${what}; see --help.`);
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ConfigurationError(`The file that --ids names cannot be read: ${file}.`);
  }
}

function write(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch {
    throw new ConfigurationError(`The file that --out names cannot be written: ${file}.`);
  }
}

function named(argument: string): { name: string; id: string } {
  const [, name, id = ""] = /^(?:([^=]+)=)?(.*)$/.exec(argument) ?? [];
  if (!threadId.test(id))
    throw new ConfigurationError(`${JSON.stringify(argument)} must be a thread's id, or NAME=ID.`);
  return { name: name ?? id, id };
}

function resource({ name, id, inputs, outputs }: ImportEntry) {
  const __provider = threadProviderText;
  return {
    type: threadType,
    name,
    id,
    inputs: { ...inputs, __provider },
    outputs: { ...outputs, __provider },
  };
}
