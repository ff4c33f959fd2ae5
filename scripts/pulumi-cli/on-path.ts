import { delimiter } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { dynamicHost } from "./dynamic-host";
import { folderWith } from "./executable";
import { workingCli } from "./working-cli";

export async function pulumiOnPath(path = process.env["PATH"] ?? ""): Promise<PulumiCommand> {
  const folder = await folderWith("pulumi", path);
  if (folder === undefined) throw new Error("there is none");
  if ((await folderWith(dynamicHost, `${path}${delimiter}${folder}`)) === undefined) {
    throw new Error(`the one in ${folder} has no ${dynamicHost} beside it`);
  }
  return workingCli();
}
