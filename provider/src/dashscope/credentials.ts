import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { MissingKeyError } from "./errors";

/**
 * The API key of the first source that is there: `configured` (a `Provider` argument, `DASHSCOPE_API_KEY` or the
 * stack's configuration), then the file named by `DASHSCOPE_API_KEY_FILE_PATH`, then `~/.dashscope/api_key`; the
 * files are those of the vendor's Python SDK.
 *
 * Key prefixes vary (`sk-`, `sk-ws-`, …): only that it can be sent in a header is checked.
 *
 * @throws MissingKeyError when no source has one, or the first that has one has a text that cannot be a key
 */
export function apiKey(configured: string | undefined, environment: NodeJS.ProcessEnv): string {
  const key = configured?.trim() || keyFile(environment);
  if (!key) throw new MissingKeyError();
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new MissingKeyError("The DashScope API key has a character that no key has, such as a space.");
  }
  return key;
}

function keyFile(environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment["DASHSCOPE_API_KEY_FILE_PATH"];
  if (named) {
    const key = contentOf(named);
    if (key === undefined) {
      throw new MissingKeyError(`The file that DASHSCOPE_API_KEY_FILE_PATH names cannot be read: ${named}.`);
    }
    if (key === "") {
      throw new MissingKeyError(`The file that DASHSCOPE_API_KEY_FILE_PATH names is empty: ${named}.`);
    }
    return key;
  }
  return contentOf(join(homedir(), ".dashscope", "api_key"));
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
