import { ConfigurationError } from "../dashscope/errors";
import { getJournalFolder } from "../journal/journal";
import { type JournaledCreate, readJournal } from "../journal/read";
import { type Command, parseArguments, readFile, UsageError } from "./command";

const help = `Usage: pulumi stack export | pulumi-dashscope orphans
       pulumi-dashscope orphans STATE ...

Compares the journal of creates on this machine with stacks, and lists what a killed or interrupted run may have left:
threads and conversations that were created and that no state contains, and creates that were sent and never answered.
Works offline.

  STATE              a file that \`pulumi stack export\` wrote; give the files of all stacks that run on this machine
  --journal FOLDER   the journal (default: DASHSCOPE_JOURNAL, otherwise dashscope/journal in PULUMI_HOME)
  -h, --help         prints this help
  --version          prints the version

Exit codes: 0, there are no orphans. 1, there may be orphans, or the command failed. 2, wrong arguments.`;

/** `pulumi-dashscope orphans`. */
export const orphans: Command = {
  help,
  async run(args) {
    const { values, positionals } = parseArguments({
      args: [...args],
      allowPositionals: true,
      options: { journal: { type: "string" } },
    });
    if (positionals.length === 0 && process.stdin.isTTY) {
      throw new UsageError(
        "orphans requires the export of a stack, as a file or on standard input. Run the command with --help.",
      );
    }
    const folder = values.journal ?? getJournalFolder(process.env);
    if (folder === undefined) {
      throw new ConfigurationError(
        "The journal is switched off, because `DASHSCOPE_JOURNAL` is `off`. Set --journal.",
      );
    }
    const states =
      positionals.length === 0
        ? [readFile("standard input", 0)]
        : positionals.map((file) => readFile("STATE", file));
    const known = new Set(states.flatMap((state) => listIds(parseState(state))));
    const { creates, deleted } = readJournal(folder);
    const lost = creates.filter(({ id }) => id !== undefined && !known.has(id) && !deleted.has(id));
    const unanswered = creates.filter(
      ({ id, end }) => id === undefined && (end === "unanswered" || end === "uncertain"),
    );
    if (lost.length === 0 && unanswered.length === 0) {
      console.log(
        `No orphans: the journal contains ${creates.length} creates, and the states contain all that exist.`,
      );
      return 0;
    }
    if (lost.length > 0) {
      console.log(
        "Created, and in none of the states. To keep one, set `adoptId` to its ID. Otherwise, delete it.",
      );
      for (const create of lost) console.log(`  ${create.id}  ${describe(create)}`);
    }
    if (unanswered.length > 0) {
      console.log(
        "Sent, and never answered. DashScope may have created it, and can't list it. If it matters, contact Alibaba Cloud support with the time.",
      );
      for (const create of unanswered) console.log(`  ${create.noun}  ${describe(create)}`);
    }
    return 1;
  },
};

function describe({ time, baseUrl, workspace, key }: JournaledCreate): string {
  return `${time}  ${baseUrl}${workspace === undefined ? "" : `  workspace ${workspace}`}  key fingerprint ${key}`;
}

function parseState(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigurationError(
      "A state must be what `pulumi stack export` writes, but it isn't JSON. Export the stack again.",
    );
  }
}

/** Lists all strings of a state: an ID counts wherever it's recorded, be it a resource's or one in its outputs. */
function listIds(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listIds) : [];
}
