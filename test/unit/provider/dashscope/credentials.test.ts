import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { apiKey } from "../../../../provider/src/dashscope/credentials";
import { MissingKeyError } from "../../../../provider/src/dashscope/errors";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), "dashscope-key-"));
  jest.spyOn(os, "homedir").mockReturnValue(folder);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

describe("the API key", () => {
  test("is the configured one, without the white space around it", () => {
    expect(apiKey(" sk-configured\n", { DASHSCOPE_API_KEY_FILE_PATH: keyFile("sk-file") })).toBe(
      "sk-configured",
    );
  });

  test("comes from the file that DASHSCOPE_API_KEY_FILE_PATH names, when none is configured", () => {
    homeKey("sk-home");
    expect(apiKey(undefined, { DASHSCOPE_API_KEY_FILE_PATH: keyFile("sk-file\n") })).toBe("sk-file");
    expect(apiKey("  ", { DASHSCOPE_API_KEY_FILE_PATH: keyFile("sk-file\n") })).toBe("sk-file");
  });

  test("comes from ~/.dashscope/api_key, when no other source has one", () => {
    homeKey("sk-home\r\n");
    expect(apiKey(undefined, {})).toBe("sk-home");
  });

  test("may have any prefix", () => {
    for (const key of ["sk-ws-1", "sk-sp-1", "LTAI5t", "x"]) expect(apiKey(key, {})).toBe(key);
  });

  test("that is nowhere is an error that names both ways to set one", () => {
    expect(() => apiKey(undefined, {})).toThrow(MissingKeyError);
    expect(() => apiKey(undefined, {})).toThrow(
      /environment variable DASHSCOPE_API_KEY, or, for a stack, run: pulumi config set --secret dashscope:apiKey/,
    );
    homeKey(" \n");
    expect(() => apiKey("", {})).toThrow(MissingKeyError);
  });

  test("is not looked for elsewhere when the named file cannot be read: the error names the file", () => {
    homeKey("sk-home");
    const named = join(folder, "missing");
    expect(() => apiKey(undefined, { DASHSCOPE_API_KEY_FILE_PATH: named })).toThrow(
      `The file that DASHSCOPE_API_KEY_FILE_PATH names cannot be read: ${named}.`,
    );
  });

  test("is not looked for elsewhere when the named file is empty: the error names the file", () => {
    homeKey("sk-home");
    const named = keyFile("\n");
    expect(() => apiKey(undefined, { DASHSCOPE_API_KEY_FILE_PATH: named })).toThrow(
      `The file that DASHSCOPE_API_KEY_FILE_PATH names is empty: ${named}.`,
    );
  });

  test.each(["sk-two\nlines", "sk-a b", "sk-密钥", "sk-\u0000"])(
    "that no header can carry is an error that does not show it: %j",
    (key) => {
      expect(() => apiKey(key, {})).toThrow(/^The DashScope API key has a character that no key has/);
      expect(() => apiKey(key, {})).not.toThrow(/sk-/);
    },
  );
});

function keyFile(content: string): string {
  const path = join(folder, "key");
  writeFileSync(path, content);
  return path;
}

function homeKey(content: string): void {
  mkdirSync(join(folder, ".dashscope"), { recursive: true });
  writeFileSync(join(folder, ".dashscope", "api_key"), content);
}
