import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { createThread } from "./outsider";
import { catchFailure, describeEngine, type EngineStack, newStack } from "./setup";

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
  test("`pulumi import` accepts the file, and the program that the command prints changes nothing", async () => {
    const stack = await newStack({}, async () => {});
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
    // The program protects what was imported, as `pulumi import` does.
    expect(await catchFailure(stack.destroy())).toContain("protect");
    expect(stack.emulator.threads()).toHaveLength(2);
  });

  test("the command writes nothing if a thread doesn't exist, is given twice, or the file exists", async () => {
    const stack = await newStack({}, async () => {});
    const id = await createThread(stack);
    await expect(importFile(stack, id, "thread_missing")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("DASHSCOPE_ERR_MISSING"),
    });
    await expect(readFile(join(stack.folder, "import.json"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(importFile(stack, id, `other=${id}`)).rejects.toMatchObject({ code: 2 });
    await expect(importFile(stack, "--unknown", id)).rejects.toMatchObject({ code: 2 });
    await writeFile(join(stack.folder, "import.json"), "existing");
    await expect(importFile(stack, id)).rejects.toMatchObject({ code: 1 });
    expect(await readFile(join(stack.folder, "import.json"), "utf8")).toBe("existing");
    // A thread without metadata leaves `metadata` out.
    expect((await importFile(stack, id, "--force")).stdout).not.toContain("metadata");
  });
});
