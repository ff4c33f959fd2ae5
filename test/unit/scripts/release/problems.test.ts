import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { problemsOfRelease } from "../../../../scripts/release/problems";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "release-"));
  for (const folder of ["provider", "emulator"]) put(`${folder}/package.json`, '{ "version": "1.2.3" }');
  for (const folder of [".", "emulator"]) put(`${folder}/CHANGELOG.md`, "# Changelog\n\n## 1.2.3\n");
  put("examples/quickstart/package.json", '{ "dependencies": { "pulumi-dashscope": "^1.2.0" } }');
});

afterEach(() => rmSync(root, { recursive: true }));

test("a release whose tag, versions, changelogs and examples agree is right", () => {
  expect(problemsOfRelease(root, "v1.2.3")).toEqual([]);
});

test.each(["", "1.2.3", "v1.2", "v1.2.3 "])("%j is no tag", (tag) => {
  expect(problemsOfRelease(root, tag)).toEqual([`${tag} is not the tag of a release, such as v1.2.3.`]);
});

test("everything that does not agree is named", () => {
  put("emulator/package.json", '{ "version": "1.9.0" }');
  put("CHANGELOG.md", "## Unreleased\n");
  put("examples/quickstart/package.json", '{ "dependencies": { "pulumi-dashscope": "^1.1.0-rc.1 <1.2.3" } }');
  expect(problemsOfRelease(root, "v1.2.3")).toEqual([
    'CHANGELOG.md has no section "## 1.2.3".',
    "emulator/package.json has version 1.9.0, not 1.2.3.",
    "examples/quickstart/package.json depends on pulumi-dashscope ^1.1.0-rc.1 <1.2.3, which leaves 1.2.3 out.",
  ]);
});

function put(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
