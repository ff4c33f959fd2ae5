import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { assertHooksInReach } from "../../../../provider/src/pulumi/hooksInReach";

const checkout = process.cwd();
let elsewhere: string;

beforeEach(() => {
  elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "reach-")));
  process.chdir(elsewhere);
});

afterEach(() => {
  process.chdir(checkout);
  rmSync(elsewhere, { recursive: true });
});

test("an inline program and mocks, of which nobody knows the project's folder, are let alone", () => {
  expect(() => assertHooksInReach()).not.toThrow();
});

test("a program from whose folder the package cannot be found is told what to install where", () => {
  expect(() => assertHooksInReach(elsewhere)).toThrow(
    new pulumi.RunError(
      `Pulumi cannot find the package pulumi-dashscope from ${elsewhere}, and needs it there to manage a dashscope.Thread, even one that a component of another package declares. Add pulumi-dashscope to the dependencies of your project in ${elsewhere}, and install them.`,
    ),
  );
});

test("a program that has changed its folder is not taken for one", () => {
  expect(() => assertHooksInReach(checkout)).not.toThrow();
});
