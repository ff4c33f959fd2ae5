import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(__dirname, "../..");

async function listPages(): Promise<string[]> {
  const docs = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md"));
  return ["README.md", "provider/README.md", ...docs.map((name) => `docs/${name}`)];
}

/** Compiles files with the strictest settings, and returns what the compiler prints. */
function compile(folder: string): Promise<string> {
  const tsc = require.resolve("typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "--project", folder], (_error, stdout) => resolve(stdout));
  });
}

test("every TypeScript block of the documentation compiles", async () => {
  await mkdir(join(root, ".local"), { recursive: true });
  const folder = await mkdtemp(join(root, ".local/docs-"));
  try {
    let blocks = 0;
    for (const page of await listPages()) {
      const text = await readFile(join(root, page), "utf8");
      for (const [, code = ""] of text.matchAll(/^```ts\n(.*?)^```/gms)) {
        await writeFile(join(folder, `${page.replace(/\W/g, "-")}-${++blocks}.ts`), code);
      }
    }
    expect(blocks).toBeGreaterThan(5);
    const config = {
      extends: relative(folder, join(root, "tsconfig.json")),
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ["*.ts"],
      exclude: [],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    expect(await compile(folder)).toBe("");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const otherPages = ["CONTRIBUTING.md", "SECURITY.md", "emulator/README.md", "examples/README.md"];

test("every file that the documentation links to exists", async () => {
  let links = 0;
  for (const page of [...(await listPages()), ...otherPages]) {
    const text = await readFile(join(root, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      await expect(readFile(join(root, dirname(page), target))).resolves.toBeDefined();
      links++;
    }
  }
  expect(links).toBeGreaterThan(10);
});
