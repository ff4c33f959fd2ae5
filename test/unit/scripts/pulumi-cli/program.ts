import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes a shell script. By default it prints a line, as `pulumi version` does. */
export async function putProgram(
  folder: string,
  name: string,
  line = "",
  script = `echo ${line}`,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}
