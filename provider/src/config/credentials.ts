import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { DashScopeError } from "../dashscope/errors";
import type { Found } from "./configuration";

/** An API key, and where it comes from, for messages. */
export interface Credential {
  readonly key: string;
  readonly source: string;
}

/**
 * Returns the API key: the configured one, else the content of the file that `DASHSCOPE_API_KEY_FILE_PATH` names, else that of
 * `~/.dashscope/api_key`, as DashScope's Python SDK does. Key prefixes vary (`sk-`, `sk-ws-`), so only that a header can carry the key
 * is checked.
 *
 * @throws DashScopeError `DASHSCOPE_ERR_NO_KEY` if no source has a key, or the first that has one can't be used
 */
export function resolveCredential(configured: Found | undefined, environment: NodeJS.ProcessEnv): Credential {
  const credential = configured
    ? { key: configured.value.trim(), source: configured.name }
    : readKeyFile(environment);
  if (credential === undefined) throw buildError("There is no DashScope API key.");
  if (!/^[\x21-\x7e]+$/.test(credential.key)) {
    throw buildError(
      `The DashScope API key in ${credential.source} contains a character that a key can't have, such as a space.`,
    );
  }
  return credential;
}

function readKeyFile(environment: NodeJS.ProcessEnv): Credential | undefined {
  const named = environment["DASHSCOPE_API_KEY_FILE_PATH"];
  if (named) {
    const source = "the file that `DASHSCOPE_API_KEY_FILE_PATH` names";
    const key = readText(named);
    if (key === undefined) throw buildError(`Can't read ${source}: ${named}.`);
    if (key === "") throw buildError(`There is no key in ${source}: ${named}.`);
    return { key, source };
  }
  const key = readText(join(homedir(), ".dashscope", "api_key"));
  return key ? { key, source: "`~/.dashscope/api_key`" } : undefined;
}

function buildError(reason: string): DashScopeError {
  return new DashScopeError(
    "DASHSCOPE_ERR_NO_KEY",
    `${reason} Set the environment variable \`DASHSCOPE_API_KEY\`, or, for a stack, run: pulumi config set --secret dashscope:apiKey`,
  );
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
