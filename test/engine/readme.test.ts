import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { inCopyOf, npmRun, root } from "./exampleCopy";
import { describeEngine } from "./setup";

/** Reads the blocks of the README that show what a command prints. */
async function readShownOutputs(): Promise<{ command: string; lines: string[] }[]> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const blocks = readme.matchAll(/<!-- printed by: npm (?:run )?(\w+) -->\n```text\n(.*?)```/gs);
  return [...blocks].map(([, command = "", text = ""]) => ({ command, lines: normalize(text) }));
}

/** Splits output into lines, without what differs from run to run: IDs, times and empty lines. */
function normalize(output: string): string[] {
  return output
    .replace(/thread_[0-9a-f-]{36}/g, "thread_ID")
    .replace(/\(\d+(\.\d+)?s\)/g, "(TIME)")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}

describeEngine("the README", () => {
  test("the README shows what its commands print for the quickstart", async () => {
    await inCopyOf(["Pulumi.yaml", "examples/quickstart"], async (folder) => {
      const shown = await readShownOutputs();
      expect(shown.map(({ command }) => command)).toEqual(["preview", "start"]);

      expect(await npmRun("start", folder)).toContain("    + 2 created");
      const program = join(folder, "examples/quickstart/index.ts");
      await writeFile(program, (await readFile(program, "utf8")).replace('env: "dev"', 'env: "prod"'));
      for (const { command, lines } of shown) {
        const printed = normalize(await npmRun(command, folder));
        expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
      }
      expect(await npmRun("start", folder)).toContain("    2 unchanged");
      expect(await npmRun("destroy", folder)).toContain("    - 2 deleted");
    });
  });

  test("the README shows the program of the quickstart", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const quickstart = await readFile(join(root, "examples/quickstart/index.ts"), "utf8");
    expect(readme).toContain(`\`\`\`ts\n${quickstart}\`\`\``);
  });
});
