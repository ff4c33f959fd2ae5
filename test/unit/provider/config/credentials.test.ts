import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { resolveCredential } from "../../../../provider/src/config/credentials";

let folder = "";
const configured = (value: string) => ({ value, name: "`dashscope:apiKey`" });
const noKey = expect.objectContaining({ code: "DASHSCOPE_ERR_NO_KEY" });

beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), "dashscope-key-"));
  jest.spyOn(os, "homedir").mockReturnValue(folder);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

describe("resolveCredential", () => {
  test("the configured key wins, without the white space around it", () => {
    const environment = { DASHSCOPE_API_KEY_FILE_PATH: writeKeyFile("sk-file") };
    expect(resolveCredential(configured(" sk-configured\n"), environment)).toEqual({
      key: "sk-configured",
      source: "`dashscope:apiKey`",
    });
  });

  test("the file that `DASHSCOPE_API_KEY_FILE_PATH` names comes next", () => {
    writeHomeKey("sk-home");
    const environment = { DASHSCOPE_API_KEY_FILE_PATH: writeKeyFile("sk-file\n") };
    expect(resolveCredential(undefined, environment)).toMatchObject({
      key: "sk-file",
      source: expect.stringContaining("DASHSCOPE_API_KEY_FILE_PATH"),
    });
  });

  test("`~/.dashscope/api_key` comes last", () => {
    writeHomeKey("sk-home\r\n");
    expect(resolveCredential(undefined, {})).toEqual({ key: "sk-home", source: "`~/.dashscope/api_key`" });
  });

  test("a key may have any prefix", () => {
    for (const key of ["sk-ws-1", "sk-sp-1", "LTAI5t", "x"]) {
      expect(resolveCredential(configured(key), {}).key).toBe(key);
    }
  });

  test("a missing key is an error that names both ways to set one", () => {
    writeHomeKey(" \n");
    expect(() => resolveCredential(undefined, {})).toThrow(noKey);
    expect(() => resolveCredential(undefined, {})).toThrow(/`DASHSCOPE_API_KEY`.*dashscope:apiKey/);
  });

  test.each(["", "\n", undefined])(
    "a named file with the content %j is an error that names it, and no other file is read",
    (content) => {
      writeHomeKey("sk-home");
      const named = content === undefined ? join(folder, "missing") : writeKeyFile(content);
      const resolve = () => resolveCredential(undefined, { DASHSCOPE_API_KEY_FILE_PATH: named });
      expect(resolve).toThrow(noKey);
      expect(resolve).toThrow(named);
    },
  );

  test.each(["sk-two\nlines", "sk-a b", "sk-密钥", "sk-\u0000"])(
    "a key that no header can carry is an error that doesn't show it: %j",
    (key) => {
      expect(() => resolveCredential(configured(key), {})).toThrow(noKey);
      expect(() => resolveCredential(configured(key), {})).not.toThrow(/sk-/);
    },
  );
});

function writeKeyFile(content: string): string {
  const path = join(folder, "key");
  writeFileSync(path, content);
  return path;
}

function writeHomeKey(content: string): void {
  mkdirSync(join(folder, ".dashscope"), { recursive: true });
  writeFileSync(join(folder, ".dashscope", "api_key"), content);
}
