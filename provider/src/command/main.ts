#!/usr/bin/env node
import { help, importFile } from "./importFile";

const [command, ...args] = process.argv.slice(2);

if (command === "import-file" && !args.includes("--help")) {
  importFile(args).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
} else {
  const asked = args.includes("--help") || command === "--help" || command === "help";
  (asked ? console.log : console.error)(help);
  process.exitCode = asked ? 0 : 2;
}
