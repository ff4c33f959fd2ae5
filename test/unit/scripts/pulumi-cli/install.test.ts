import { mkdir, mkdtemp, readdir, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { type Installer, installInto } from "../../../../scripts/pulumi-cli/install";
import { putProgram } from "./fakeProgram";

let caches: string;
let root: string;
const installer = () =>
  jest.fn<Installer>((folder) => putProgram(join(folder, "bin"), "pulumi", "echo v3.259.0"));

beforeEach(async () => {
  caches = await mkdtemp(join(tmpdir(), "install-"));
  root = join(caches, "pulumi", "3.259.0");
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(caches, { recursive: true });
});

test("an installation has the CLI and an executable dynamic provider host, and nothing else remains", async () => {
  await mkdir(`${root}.new-killed`, { recursive: true });
  const command = await installInto(root, installer());
  expect(command.command).toBe(join(root, "bin", "pulumi"));
  expect((await stat(join(root, "bin", "pulumi-resource-pulumi-nodejs"))).mode & 0o111).toBe(0o111);
  expect(await readdir(dirname(root))).toEqual(["3.259.0"]);
});

test("a second process waits for the installation of the first one, and doesn't install again", async () => {
  const first = jest.fn<Installer>(async (folder) => {
    await sleep(300);
    await putProgram(join(folder, "bin"), "pulumi", "echo v3.259.0");
  });
  const second = installer();
  await Promise.all([installInto(root, first), sleep(100).then(() => installInto(root, second))]);
  expect(first).toHaveBeenCalledTimes(1);
  expect(second).not.toHaveBeenCalled();
});

test("an installation doesn't wait for a killed process", async () => {
  await mkdir(`${root}.locked`, { recursive: true });
  const aMinuteAgo = Date.now() / 1_000 - 60;
  await utimes(`${root}.locked`, aMinuteAgo, aMinuteAgo);
  await expect(installInto(root, installer())).resolves.toBeDefined();
  expect(process.stderr.write).not.toHaveBeenCalled();
});

test("an installation replaces a CLI that doesn't run", async () => {
  await putProgram(join(root, "bin"), "pulumi", "echo garbage");
  expect(await installInto(root, installer())).toMatchObject({ version: { version: "3.259.0" } });
});

test("a failed installation leaves nothing", async () => {
  const failing: Installer = async (folder) => {
    await putProgram(join(folder, "bin"), "pulumi", "echo v3.259.0");
    throw new Error("the disk is full");
  };
  await expect(installInto(root, failing)).rejects.toThrow("the disk is full");
  expect(await readdir(dirname(root))).toEqual([]);
});

test("an interrupt ends an installation, and the wait for another one", async () => {
  const stopping = new AbortController();
  const slow: Installer = (_, stop) => sleep(60_000, undefined, { signal: stop });
  const installing = installInto(root, slow, stopping.signal);
  await sleep(100);
  const waiting = installInto(root, installer(), stopping.signal);
  await sleep(100);
  stopping.abort();
  const outcomes = await Promise.allSettled([installing, waiting]);
  expect(outcomes).toMatchObject([{ reason: { name: "AbortError" } }, { reason: { name: "AbortError" } }]);
  expect(await readdir(dirname(root))).toEqual([]);
});
