import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { ensurePulumi } from "../../../../scripts/pulumi-cli";
import { putProgram } from "./fakeProgram";

const { env } = process;
const host = "pulumi-resource-pulumi-nodejs";
let root: string;
let bin: string;
let cached: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "ensure-pulumi-"));
  bin = join(root, "bin");
  cached = join(root, "pulumi-dashscope/pulumi/3.259.0/bin");
  process.env = { PATH: bin, XDG_CACHE_HOME: root };
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
});

afterEach(async () => {
  process.env = env;
  jest.restoreAllMocks();
  await rm(root, { recursive: true });
});

test("the CLI on PATH is used first", async () => {
  await putProgram(bin, "pulumi", "echo v3.300.0");
  await putProgram(bin, host);
  await putProgram(cached, "pulumi", "echo v3.259.0");
  expect(await ensurePulumi()).toMatchObject({ command: "pulumi", version: { version: "3.300.0" } });
});

test("the dynamic provider host can be anywhere on PATH", async () => {
  process.env["PATH"] += delimiter + join(root, "elsewhere");
  await putProgram(bin, "pulumi", "echo v3.254.0");
  await putProgram(join(root, "elsewhere"), host);
  expect(await ensurePulumi()).toMatchObject({ command: "pulumi" });
});

test("a CLI that isn't found and can't be downloaded is built with Go, and cached", async () => {
  const writeProgram = 'echo "echo v3.259.0" > "$2"; PATH=/bin:/usr/bin chmod +x "$2"';
  await putProgram(bin, "go", `while [ "$1" != -o ]; do shift; done; ${writeProgram}`);
  expect(await ensurePulumi()).toMatchObject({ command: join(cached, "pulumi") });
  await rm(join(bin, "go"));
  expect(await ensurePulumi()).toMatchObject({ command: join(cached, "pulumi") });
  expect(fetch).toHaveBeenCalledTimes(1);
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

const fail = (lines: string[]) => `${lines.map((line) => `echo ${line} >&2; `).join("")}exit 1`;

test.each([
  ["a CLI without the dynamic provider host", [["pulumi", "echo v3.300.0"]], `PATH: not found: ${host}`],
  [
    "an old CLI",
    [["pulumi", "echo v3.253.9"], [host]],
    "requirement is 3.254.0, your current CLI version is v3.253.9",
  ],
  [
    "a CLI without a version",
    [["pulumi", "echo hello"], [host]],
    "PATH: Failed to parse Pulumi CLI version.",
  ],
  ["a CLI that fails", [["pulumi", fail(["error: broken"])], [host]], "PATH: error: broken\n"],
  [
    "a build that fails",
    [["go", fail(["go: downloading a v1", "a/b", "x.go:3: y"])]],
    "Build of Pulumi: x.go:3: y",
  ],
])("the error gives the reason for %s", async (_, programs, reason) => {
  for (const [name = "", script] of programs) await putProgram(bin, name, script);
  await expect(ensurePulumi()).rejects.toThrow(reason);
});

test("an interrupt ends the search, and doesn't start the build", async () => {
  await putProgram(bin, "go", `echo > ${join(root, "started")}`);
  const stopping = new AbortController();
  jest.mocked(fetch).mockImplementation(async () => {
    stopping.abort();
    throw new TypeError("fetch failed");
  });
  await expect(ensurePulumi(stopping.signal)).rejects.toThrow("aborted");
  expect(existsSync(join(root, "started"))).toBe(false);
});
