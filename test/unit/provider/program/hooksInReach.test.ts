import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { assertHooksInReach } from "../../../../provider/src/program/hooksInReach";

const subpath = "pulumi-dashscope/hooks/thread";
const checkout = process.cwd();
let elsewhere = "";

beforeEach(() => {
  elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "reach-")));
  process.chdir(elsewhere);
});

afterEach(() => {
  process.chdir(checkout);
  rmSync(elsewhere, { recursive: true });
});

test("an inline program and mocks, whose folder isn't known, pass", () => {
  expect(() => assertHooksInReach(subpath)).not.toThrow();
});

test("a program that can't find the package from its folder is told what to install where", () => {
  expect(() => assertHooksInReach(subpath, elsewhere)).toThrow(pulumi.RunError);
  expect(() => assertHooksInReach(subpath, elsewhere)).toThrow(`project in ${elsewhere}`);
});

test("a program that has changed its folder passes", () => {
  expect(() => assertHooksInReach(subpath, checkout)).not.toThrow();
});
