import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "pulumi-cli-"));
}

/** A program that does nothing but print a line, as `pulumi version` does. */
export async function putProgram(folder: string, name: string, line = ""): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!/bin/sh\necho ${line}\n`);
  await chmod(join(folder, name), 0o755);
}
