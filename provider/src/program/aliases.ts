import * as pulumi from "@pulumi/pulumi";
import { getPluginTypeToken, getTypeToken, type ResourceName } from "../resource/providerText";

type Aliases = NonNullable<pulumi.CustomResourceOptions["aliases"]>;

/**
 * Adds the types under which the front ends record a resource as aliases, so that a program can move from one to the other without
 * replacing anything. The program's own aliases get them, too: a resource may be renamed in the same update.
 */
export function addTypeAliases(
  name: ResourceName,
  opts: pulumi.CustomResourceOptions | undefined,
  type: string,
): pulumi.CustomResourceOptions {
  const given: Aliases = opts?.aliases ?? [];
  const other = type === getTypeToken(name) ? getPluginTypeToken(name) : getTypeToken(name);
  const renamed = given.flatMap((alias) =>
    isAlias(alias) && !("type" in alias) ? [{ ...alias, type: other }] : [],
  );
  return { ...opts, aliases: [...given, ...renamed, { type: other }] };
}

/** Whether it's an alias, and neither a URN nor one that isn't known yet. */
function isAlias(alias: Aliases[number]): alias is pulumi.Alias {
  return typeof alias === "object" && !pulumi.Output.isInstance(alias) && !(alias instanceof Promise);
}
