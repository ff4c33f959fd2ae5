import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The first of the folders, separated as in PATH, that has such a program. */
export async function folderWith(program: string, folders: string): Promise<string | undefined> {
  for (const folder of folders.split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, program)))) return folder;
  }
  return undefined;
}
