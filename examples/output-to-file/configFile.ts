import * as pulumi from "@pulumi/pulumi";

interface File {
  path: string;
  content: string;
}

/** A file beside the program. It stands for any resource that takes the thread ID. */
export class ConfigFile extends pulumi.dynamic.Resource {
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: pulumi.Inputs & { [key in keyof File]: pulumi.Input<string> }) {
    super(files, name, args);
  }
}

const files: pulumi.dynamic.ResourceProvider<File, File> = {
  async create(file) {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(file.path, file.content);
    return { id: file.path, outs: file };
  },
  async update(_id, _old, file) {
    const { writeFile } = await import("node:fs/promises");
    await writeFile(file.path, file.content);
    return { outs: file };
  },
  async delete(path) {
    const { rm } = await import("node:fs/promises");
    await rm(path, { force: true });
  },
};
