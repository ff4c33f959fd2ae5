import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parseFaults } from "../../../emulator/src/faults";
import { verbs } from "../../../emulator/src/verbs";

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
