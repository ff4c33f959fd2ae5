import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { checkRelease } from "../../../../scripts/release/check";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "release-"));
  for (const folder of ["provider", "emulator"]) put(`${folder}/package.json`, '{ "version": "1.2.3" }');
  for (const folder of [".", "emulator"]) put(`${folder}/CHANGELOG.md`, "# Changelog\n\n## 1.2.3\n");
  put("examples/quickstart/package.json", '{ "dependencies": { "pulumi-dashscope": "^1.2.0" } }');
});

afterEach(() => rmSync(root, { recursive: true }));

test("a release has no problems if its tag, versions, changelogs and examples agree", () => {
  expect(checkRelease(root, "v1.2.3")).toEqual([]);
});

test.each(["", "1.2.3", "v1.2", "v1.2.3 "])("a release rejects the tag %j", (tag) => {
  expect(checkRelease(root, tag)).toEqual([`Invalid release tag \`${tag}\`: use a tag such as \`v1.2.3\`.`]);
});

test("a release reports each version, changelog and example that doesn't agree", () => {
  put("emulator/package.json", '{ "version": "1.9.0" }');
  put("CHANGELOG.md", "## Unreleased\n");
  put("examples/quickstart/package.json", '{ "dependencies": { "pulumi-dashscope": "^1.1.0-rc.1 <1.2.3" } }');
  expect(checkRelease(root, "v1.2.3")).toEqual([
    'CHANGELOG.md has no section "## 1.2.3".',
    "emulator/package.json has version 1.9.0 instead of 1.2.3.",
    "examples/quickstart/package.json depends on pulumi-dashscope ^1.1.0-rc.1 <1.2.3, which excludes 1.2.3.",
  ]);
});

function put(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
