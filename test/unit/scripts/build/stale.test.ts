import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { isStale } from "../../../../scripts/build/stale";

describe("what was built is stale", () => {
  let folder: string;

  async function put(name: string, minute: number): Promise<void> {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, "");
    await at(name, minute);
  }
  async function at(name: string, minute: number): Promise<void> {
    const time = new Date(2026, 0, 1, 0, minute);
    await utimes(join(folder, name), time, time);
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "stale-"));
    for (const name of ["package.json", "tsconfig.json", "src/index.ts", "src/thread/thread.ts"])
      await put(name, 1);
    for (const name of ["src", "src/thread"]) await at(name, 1);
    for (const name of ["dist/index.js", "dist/index.d.ts"]) await put(name, 2);
  });

  test("not when it is newer than all it was built from", async () => {
    expect(await isStale(folder)).toBe(false);
  });

  test.each([
    ["a source is newer", () => put("src/thread/thread.ts", 3)],
    ["the package's own file is newer", () => put("package.json", 3)],
    ["a source is gone", () => rm(join(folder, "src/thread/thread.ts"))],
    ["half of it is missing", () => rm(join(folder, "dist/index.d.ts"))],
    ["all of it is missing", () => rm(join(folder, "dist"), { recursive: true })],
  ])("when %s", async (_, change) => {
    await change();
    expect(await isStale(folder)).toBe(true);
  });
});
