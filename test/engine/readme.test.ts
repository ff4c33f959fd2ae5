import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "@jest/globals";
import { describeEngine } from "./setup";

const root = join(__dirname, "../..");

/** The blocks of the README that show what a command prints: the command, and the lines. */
async function shownOutputs(): Promise<{ command: string; lines: string[] }[]> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const blocks = readme.matchAll(/<!-- printed by: npm (?:run )?(\w+) -->\n```text\n(.*?)```/gs);
  return [...blocks].map(([, command = "", text = ""]) => ({ command, lines: comparable(text) }));
}

/** Without what differs from run to run: colours, ids, times; and without empty lines. */
function comparable(output: string): string[] {
  return stripVTControlCharacters(output)
    .replace(/thread_[0-9a-f-]{36}/g, "thread_ID")
    .replace(/\(\d+(\.\d+)?s\)/g, "(TIME)")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}

/** Runs one of the root package's scripts, as npm would, in another project folder. */
async function npmRun(script: string, folder: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const command: string = scripts[script].replace("scripts/", `${root}/scripts/`);
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DASHSCOPE|PULUMI)_/.test(name)),
  );
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", command], { cwd: folder, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${script} failed:\n${stdout}${stderr}`, { cause: error }));
      else resolve(comparable(stdout + stderr));
    });
  });
}

describeEngine("the README", () => {
  test("shows what its commands print, for the root program exactly as Pulumi.yaml declares it", async () => {
    await mkdir(join(root, ".local"), { recursive: true });
    const folder = await mkdtemp(join(root, ".local/readme-"));
    try {
      await cp(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
      await cp(join(root, "examples/quickstart"), join(folder, "examples/quickstart"), { recursive: true });
      const shown = await shownOutputs();
      expect(shown.map(({ command }) => command)).toEqual(["preview", "start"]);

      expect(await npmRun("start", folder)).toContain("    + 2 created");
      const program = join(folder, "examples/quickstart/index.ts");
      await writeFile(program, (await readFile(program, "utf8")).replace('env: "dev"', 'env: "prod"'));
      for (const { command, lines } of shown) {
        const printed = await npmRun(command, folder);
        expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
      }
      expect(await npmRun("start", folder)).toContain("    2 unchanged");
      expect(await npmRun("destroy", folder)).toContain("    - 2 deleted");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("declares the thread that the quickstart declares", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const quickstart = await readFile(join(root, "examples/quickstart/index.ts"), "utf8");
    expect(readme).toContain(`\`\`\`ts\n${quickstart}\`\`\``);
  });
});
