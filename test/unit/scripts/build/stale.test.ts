import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { isStale } from "../../../../scripts/build/stale";

let root: string;

function setTime(name: string, minute: number): void {
  const time = new Date(2026, 0, 1, 0, minute);
  utimesSync(join(root, name), time, time);
}

function put(name: string, minute: number): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), "");
  setTime(name, minute);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stale-"));
  for (const name of ["package-lock.json", "tsconfig.json", "scripts/build/provider.ts"]) put(name, 1);
  for (const name of ["package.json", "tsconfig.json", "src/index.ts", "src/thread/thread.ts"])
    put(`provider/${name}`, 1);
  for (const name of ["src", "src/thread"]) setTime(`provider/${name}`, 1);
  for (const name of ["dist/index.js", "dist/index.d.ts"]) put(`provider/${name}`, 2);
});

afterEach(() => rmSync(root, { recursive: true }));

test("a build that is newer than its inputs isn't stale", () => {
  expect(isStale(root, "provider")).toBe(false);
});

test.each<[string, () => void]>([
  ["a source changes", () => put("provider/src/thread/thread.ts", 3)],
  ["the package's manifest changes", () => put("provider/package.json", 3)],
  ["the lock file changes", () => put("package-lock.json", 3)],
  ["the compiler options change", () => put("tsconfig.json", 3)],
  ["the build script changes", () => put("scripts/build/provider.ts", 3)],
  ["a source is removed", () => rmSync(join(root, "provider/src/thread/thread.ts"))],
  ["an output is missing", () => rmSync(join(root, "provider/dist/index.d.ts"))],
  ["all outputs are missing", () => rmSync(join(root, "provider/dist"), { recursive: true })],
])("a build is stale when %s", (_, change) => {
  change();
  expect(isStale(root, "provider")).toBe(true);
});
