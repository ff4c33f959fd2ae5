import { readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type Fill, installInto } from "../../../../scripts/pulumi-cli/install";
import { newFolder, putProgram } from "./fakes";

const fill = () => jest.fn<Fill>((folder) => putProgram(join(folder, "bin"), "pulumi", "v3.259.0"));

describe("an installation", () => {
  let caches: string;
  let root: string;

  beforeEach(async () => {
    caches = await newFolder();
    root = join(caches, "deep", "3.259.0");
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("has the CLI and an executable host of dynamic providers, and leaves nothing else", async () => {
    const command = await installInto(root, fill());
    expect(command.command).toBe(join(root, "bin", "pulumi"));
    expect((await stat(join(root, "bin", "pulumi-resource-pulumi-nodejs"))).mode & 0o111).toBe(0o111);
    expect(await readdir(join(caches, "deep"))).toEqual(["3.259.0"]);
  });

  test("is made once when two want it at once: the second waits for the first", async () => {
    const slow = jest.fn<Fill>(async (folder) => {
      await sleep(300);
      await putProgram(join(folder, "bin"), "pulumi", "v3.259.0");
    });
    const second = fill();
    await Promise.all([installInto(root, slow), sleep(100).then(() => installInto(root, second))]);
    expect(slow).toHaveBeenCalledTimes(1);
    expect(second).not.toHaveBeenCalled();
  });

  test("does not wait for one who died at it", async () => {
    await installInto(join(caches, "deep", "other"), fill());
    const longAgo = new Date(Date.now() - 60_000);
    await writeFile(`${root}.lock`, "");
    await utimes(`${root}.lock`, longAgo, longAgo);
    await expect(installInto(root, fill())).resolves.toBeDefined();
  });

  test("replaces one that does not run", async () => {
    await putProgram(join(root, "bin"), "pulumi", "garbage");
    expect(String((await installInto(root, fill())).version)).toBe("3.259.0");
  });

  test("is never seen half done", async () => {
    const broken: Fill = async (folder) => {
      await putProgram(join(folder, "bin"), "pulumi", "v3.259.0");
      throw new Error("the disk is full");
    };
    await expect(installInto(root, broken)).rejects.toThrow("the disk is full");
    expect(await readdir(join(caches, "deep"))).toEqual([]);
  });

  test("ends when it is stopped, while it waits and while it works", async () => {
    const stopping = new AbortController();
    const working = installInto(
      root,
      (_, stop) => sleep(60_000, undefined, stop && { signal: stop }),
      stopping.signal,
    );
    await sleep(100);
    const waiting = installInto(root, fill(), stopping.signal);
    await sleep(100);
    stopping.abort();
    const outcomes = await Promise.allSettled([working, waiting]);
    expect(outcomes).toMatchObject([{ reason: { name: "AbortError" } }, { reason: { name: "AbortError" } }]);
    expect(await readdir(join(caches, "deep"))).toEqual([]);
  });
});
