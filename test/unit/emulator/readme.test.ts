import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parseFaults } from "../../../emulator/src/faults";
import { verbs } from "../../../emulator/src/verbs";
import { Command } from "./runningCommand";

const readme = readFileSync(join(__dirname, "../../../emulator/README.md"), "utf8");

test("every fault in the README is valid, and the README shows every kind", () => {
  const examples = [...readme.matchAll(/`(\{"kind":.*?\})`/g)].map(([, json = ""]): unknown =>
    JSON.parse(json),
  );
  const shown = parseFaults(examples).map(({ kind }) => kind);
  expect([...shown].sort()).toEqual(
    ["body", "delay", "dropAfter", "dropBefore", "endless", "error", "hang", "html", "idleClose"]
      .concat("trickle", "truncate")
      .sort(),
  );
});

test("the README names every verb", () => {
  for (const verb of verbs) expect(readme).toContain(`\`${verb}\``);
});

test("the README and --help name the same options", async () => {
  const command = new Command("--help");
  await command.ended();
  const named = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z0-9-]+/g))].sort();
  const ofTheCommand = named(command.output).filter((option) => option !== "--version");
  expect(named(readme)).toEqual(ofTheCommand);
});
