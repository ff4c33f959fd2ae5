import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { ConfigurationError } from "../dashscope/errors";

/** One command of `pulumi-dashscope`. */
export interface Command {
  readonly help: string;
  /** Returns the exit code. Throws a DashScopeError if it fails, and a UsageError if the arguments are wrong. */
  run(args: readonly string[]): Promise<number>;
}

/** Wrong arguments of a command. The exit code is 2. */
export class UsageError extends ConfigurationError {}

/** Parses the arguments of a command. */
export function parseArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // The first sentence says what is wrong, the others how to pass an argument that begins with a dash.
    const [what] = error instanceof Error ? error.message.split(". ") : [];
    throw new UsageError(`${what}. Run the command with --help.`);
  }
}

/** Reads a file that an option names. */
export function readFile(option: string, file: string | number): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ConfigurationError(`Can't read the file that \`${option}\` names: ${file}.`);
  }
}

/** Writes a file that an option names. Replaces an existing one only if `force` is set. */
export function writeFile(option: string, file: string, content: string, force: boolean): void {
  try {
    writeFileSync(file, content, { flag: force ? "w" : "wx" });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new ConfigurationError(
      exists
        ? `The file that \`${option}\` names exists already: ${file}. To replace it, add --force.`
        : `Can't write the file that \`${option}\` names: ${file}.`,
    );
  }
}

/** Returns the version of this package. */
export function readVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(__dirname, "../../package.json"), "utf8"),
  );
  return version;
}
