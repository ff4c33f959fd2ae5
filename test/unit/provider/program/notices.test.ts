import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { printNotices } from "../../../../provider/src/program/notices";
import { runProgram } from "./runProgram";

const silence = "DASHSCOPE_SILENCE_DEPRECATION";
let warnings: string[] = [];
let folder = "";

beforeEach(() => {
  warnings = [];
  folder = mkdtempSync(join(tmpdir(), "notices-"));
  process.env["DASHSCOPE_JOURNAL"] = folder;
  jest.spyOn(pulumi.log, "warn").mockImplementation(async (line) => {
    warnings.push(line);
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  delete process.env["DASHSCOPE_JOURNAL"];
  delete process.env[silence];
});

test("the deprecation is told once for each run of a program", async () => {
  for (let run = 1; run <= 2; run++) {
    await runProgram({}, () => {
      printNotices("Thread");
      printNotices("Thread");
    });
    expect(warnings).toHaveLength(run);
  }
  expect(warnings[0]).toContain("dashscope:silenceDeprecation");
});

test.each<[Record<string, string>, string, number]>([
  [{ "dashscope:silenceDeprecation": "YES" }, "", 0],
  [{}, "1", 0],
  [{ "dashscope:silenceDeprecation": "false" }, "true", 1],
])("with %j and `%s` in the environment, there are %d notices", async (config, value, count) => {
  process.env[silence] = value;
  await runProgram(config, () => printNotices("Thread"));
  expect(warnings).toHaveLength(count);
});

test("an interrupted run is told once, with the command that finds orphans", async () => {
  process.env[silence] = "1";
  // No process has this ID.
  writeFileSync(join(folder, "2026-01-01T00-4194305-open.jsonl"), '{"event":"sent","create":1}\n');
  await runProgram({}, () => printNotices("Thread"));
  await runProgram({}, () => printNotices("Thread"));
  expect(warnings).toEqual([expect.stringContaining("pulumi-dashscope orphans")]);
});
