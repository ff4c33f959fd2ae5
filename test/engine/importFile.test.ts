import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { createThread } from "./outsider";
import { describeEngine, type EngineStack, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };
const command = join(__dirname, "../../provider/dist/cli/main.js");

function importFile(stack: EngineStack, ...args: string[]) {
  return promisify(execFile)(process.execPath, [command, "import-file", ...args], {
    cwd: stack.folder,
    env: { ...process.env, ...stack.env },
  });
}

async function pulumiImport(stack: EngineStack): Promise<void> {
  const { command: cli } = await ensurePulumi();
  const languageHost = join(__dirname, "../../scripts/engine/languageHost");
  await promisify(execFile)(
    cli,
    [
      "import",
      "--file",
      "import.json",
      "--generate-code=false",
      "--protect=false",
      "--yes",
      "--stack",
      "test",
    ],
    {
      cwd: stack.folder,
      env: { ...process.env, ...stack.env, PATH: `${languageHost}:${process.env["PATH"]}` },
    },
  );
}

describeEngine("import-file", () => {
  test("writes what pulumi import takes, and the program it prints changes nothing", async () => {
    const stack = await newStack({ env }, async () => {});
    await stack.up();
    const support = await createThread(stack, { metadata: { env: "dev", "two words": "x" } }, "ws-one");
    const plain = await createThread(stack, {}, "ws-one");
    await writeFile(join(stack.folder, "ids.txt"), `${plain}\n`);

    const { stdout } = await importFile(
      stack,
      `support=${support}`,
      "--ids",
      "ids.txt",
      "--workspace",
      "ws-one",
    );
    await pulumiImport(stack);
    stack.program = async () => {
      new Function("dashscope", stdout)({ Thread });
    };
    expect((await stack.up()).changes).toEqual({ same: 3 });
    await stack.refresh({ expectNoChanges: true });
    expect((await stack.up()).changes).toEqual({ same: 3 });

    // The program protects what was imported, as `pulumi import` does.
    expect(await catchFailure(stack.destroy())).toContain("protect");
    stack.program = async () => {
      new Function("dashscope", stdout.replaceAll("{ protect: true }", "{}"))({ Thread });
    };
    await stack.up();
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("writes nothing if a thread doesn't exist, is given twice, or the file exists", async () => {
    const stack = await newStack({ env }, async () => {});
    const id = await createThread(stack);
    await expect(importFile(stack, id, "thread_of-nobody")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no thread thread_of-nobody at"),
    });
    await expect(readFile(join(stack.folder, "import.json"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(importFile(stack, id, `other=${id}`)).rejects.toMatchObject({ code: 2 });
    await expect(importFile(stack, "--unknown", id)).rejects.toMatchObject({ code: 2 });
    await writeFile(join(stack.folder, "import.json"), "mine");
    await expect(importFile(stack, id)).rejects.toMatchObject({ code: 1 });
    expect(await readFile(join(stack.folder, "import.json"), "utf8")).toBe("mine");
    // A thread without metadata leaves `metadata` out.
    expect((await importFile(stack, id, "--force")).stdout).not.toContain("metadata");
  });

  test("is what the error of the option `import` names", async () => {
    const stack = await newStack({ env }, async () => {
      new Thread("support", {}, { import: "thread_1" });
    });
    const failure = await catchFailure(stack.preview());
    expect(failure).toContain("The option `import`");
    expect(failure).toContain("npx pulumi-dashscope import-file");
    expect(failure).not.toMatch(/^\s+at /m);
  });
});
