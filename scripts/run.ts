import { execFile } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** The folder of this checkout. */
export const root = join(__dirname, "..");

/**
 * Runs a command without the variables of this machine for DashScope and Pulumi.
 *
 * @returns what it printed
 */
export function run(
  command: string,
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DASHSCOPE|PULUMI)_/.test(name));
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { ...Object.fromEntries(inherited), ...env } };
    execFile(command, args, options, (error, stdout, stderr) => {
      const output = stripVTControlCharacters(stdout + stderr);
      if (error) reject(new Error(`${command} ${args.join(" ")} failed:\n${output}`, { cause: error }));
      else resolve(output);
    });
  });
}
