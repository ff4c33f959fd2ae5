import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { ensurePulumi } from "../../../../scripts/pulumi-cli";
import { putProgram } from "./program";

const { env } = process;
const host = "pulumi-resource-pulumi-nodejs";
let root: string;
let bin: string;
let cached: string;
let printed: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "ensure-pulumi-"));
  bin = join(root, "bin");
  cached = join(root, "pulumi-dashscope/pulumi/3.259.0/bin");
  process.env = { PATH: bin, XDG_CACHE_HOME: root };
  printed = "";
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  jest.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
});

afterEach(async () => {
  process.env = env;
  jest.restoreAllMocks();
  await rm(root, { recursive: true });
});

/** A `go` that writes a CLI to the file after `-o`. */
const putGo = (
  script = 'while [ "$1" != -o ]; do shift; done; echo "echo v3.259.0" > "$2"; PATH=/bin:/usr/bin chmod +x "$2"',
) => putProgram(bin, "go", "", script);

test("the CLI on PATH is used first", async () => {
  await putProgram(bin, "pulumi", "v3.300.0");
  await putProgram(bin, host);
  await putProgram(cached, "pulumi", "v3.259.0");
  expect(await ensurePulumi()).toMatchObject({ command: "pulumi", version: { version: "3.300.0" } });
});

test("the dynamic provider host can be anywhere on PATH", async () => {
  process.env["PATH"] += delimiter + join(root, "elsewhere");
  await putProgram(bin, "pulumi", "v3.254.0");
  await putProgram(join(root, "elsewhere"), host);
  expect(await ensurePulumi()).toMatchObject({ command: "pulumi" });
});

test("the cached CLI is used if PATH has none, without a request", async () => {
  await putProgram(cached, "pulumi", "v3.259.0");
  expect(await ensurePulumi()).toMatchObject({ command: join(cached, "pulumi") });
  expect(fetch).not.toHaveBeenCalled();
});

test("the CLI is built with Go if it can't be found or downloaded, and cached", async () => {
  await putGo();
  expect(await ensurePulumi()).toMatchObject({ command: join(cached, "pulumi") });
  expect(printed).toBe(
    "Building the Pulumi CLI 3.259.0 with Go. This happens once and takes a few minutes.\n",
  );
  await rm(join(bin, "go"));
  expect(await ensurePulumi()).toMatchObject({ command: join(cached, "pulumi") });
});

test("a missing CLI is an error that says what to install, and why each source failed", async () => {
  await expect(ensurePulumi()).rejects.toMatchObject({
    message: `The Pulumi CLI is missing. Install Pulumi 3.254.0 or newer (https://www.pulumi.com/docs/install), or install Go 1.25 or newer (https://go.dev/doc/install) to build Pulumi here.
  - Pulumi on PATH: not found: pulumi
  - Pulumi in the cache: not found
  - Download of Pulumi: get.pulumi.com doesn't answer
  - Build of Pulumi: not found: go`,
  });
});

test.each<[string, string, () => Promise<void>]>([
  [
    "a CLI without the dynamic provider host",
    `Pulumi on PATH: not found: ${host}`,
    () => putProgram(bin, "pulumi", "v3.300.0"),
  ],
  [
    "a CLI that is too old",
    "minimum CLI version requirement is 3.254.0, your current CLI version is v3.253.9",
    async () => {
      await putProgram(bin, "pulumi", "v3.253.9");
      await putProgram(bin, host);
    },
  ],
  [
    "a CLI that prints no version",
    "Pulumi on PATH: Failed to parse Pulumi CLI version.",
    async () => {
      await putProgram(bin, "pulumi", "hello");
      await putProgram(bin, host);
    },
  ],
  [
    "a cached CLI that doesn't run",
    "Pulumi in the cache: Command failed with exit code 1",
    () => putProgram(cached, "pulumi", "", "exit 1"),
  ],
  [
    "a failed build",
    "Build of Pulumi: main.go:3:2: no required module provides package x",
    () =>
      putGo(
        "echo 'go: downloading example.com/a v1' >&2; echo internal/abi >&2; echo 'main.go:3:2: no required module provides package x' >&2; exit 1",
      ),
  ],
])("%s is reported", async (_, reason, arrange) => {
  await arrange();
  await expect(ensurePulumi()).rejects.toThrow(reason);
});

test("an interrupt ends the search, and doesn't start the build", async () => {
  await putGo(`echo > ${join(root, "started")}`);
  const stopping = new AbortController();
  jest.mocked(fetch).mockImplementation(async () => {
    stopping.abort();
    throw new TypeError("fetch failed");
  });
  await expect(ensurePulumi(stopping.signal)).rejects.toThrow("aborted");
  expect(existsSync(join(root, "started"))).toBe(false);
});
