#!/usr/bin/env node
import { type Command, readVersion, UsageError } from "./command";
import { importFile } from "./importFile";
import { orphans } from "./orphans";
import { transcript } from "./transcript";

const commands: Readonly<Record<string, Command>> = { "import-file": importFile, orphans, transcript };

const help = `Usage: pulumi-dashscope COMMAND [options]

  import-file   writes the file that \`pulumi import --file\` takes, from existing threads
  orphans       lists created threads and conversations that no stack knows
  transcript    archives the messages of threads as JSON Lines

Run a command with --help to see its options. --version prints the version.

Exit codes: 0, done. 1, failed. 2, wrong arguments.`;

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (["--version", "-v"].includes(name) || args.includes("--version")) {
    console.log(readVersion());
    return 0;
  }
  if (["--help", "-h", "help"].includes(name) || args.includes("--help") || args.includes("-h")) {
    console.log(command?.help ?? help);
    return 0;
  }
  if (command === undefined) {
    console.error(help);
    return 2;
  }
  try {
    return await command.run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
