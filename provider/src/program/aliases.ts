import type * as pulumi from "@pulumi/pulumi";
import { getPluginTypeToken, getTypeToken, type ResourceName } from "../resource/providerText";

/**
 * Adds the types under which the front ends record a resource as aliases, so that a program can move from one to the other without
 * replacing anything.
 */
export function addTypeAliases(
  name: ResourceName,
  opts: pulumi.CustomResourceOptions | undefined,
  type: string,
): pulumi.CustomResourceOptions {
  const others = [getTypeToken(name), getPluginTypeToken(name)].filter((other) => other !== type);
  return { ...opts, aliases: [...(opts?.aliases ?? []), ...others.map((other) => ({ type: other }))] };
}
