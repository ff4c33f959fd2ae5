import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isStale } from "../../../../scripts/build/stale";

describe("what was built is stale", () => {
  let root: string;

  async function put(name: string, minute: number): Promise<void> {
    const file = join(root, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, "");
    await at(name, minute);
  }
  async function at(name: string, minute: number): Promise<void> {
    const time = new Date(2026, 0, 1, 0, minute);
    await utimes(join(root, name), time, time);
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "stale-"));
    for (const name of ["package-lock.json", "tsconfig.json", "scripts/build/provider.ts"])
      await put(name, 1);
    for (const name of ["package.json", "tsconfig.json", "src/index.ts", "src/thread/thread.ts"])
      await put(`provider/${name}`, 1);
    for (const name of ["src", "src/thread"]) await at(`provider/${name}`, 1);
    for (const name of ["dist/index.js", "dist/index.d.ts"]) await put(`provider/${name}`, 2);
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  test("not when it is newer than all it was built from", async () => {
    expect(await isStale(root, "provider")).toBe(false);
  });

  test.each([
    ["a source is newer", () => put("provider/src/thread/thread.ts", 3)],
    ["the package's own file is newer", () => put("provider/package.json", 3)],
    ["another zod may be installed", () => put("package-lock.json", 3)],
    ["the settings of every compilation are newer", () => put("tsconfig.json", 3)],
    ["the way it is built is newer", () => put("scripts/build/provider.ts", 3)],
    ["a source is gone", () => rm(join(root, "provider/src/thread/thread.ts"))],
    ["half of it is missing", () => rm(join(root, "provider/dist/index.d.ts"))],
    ["all of it is missing", () => rm(join(root, "provider/dist"), { recursive: true })],
  ])("when %s", async (_, change) => {
    await change();
    expect(await isStale(root, "provider")).toBe(true);
  });
});
