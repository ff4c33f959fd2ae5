import * as pulumi from "@pulumi/pulumi";
import { valuesOf } from "./configBag";
import type { Key } from "./configuration";

/** What the stack of the running program configures in namespace `dashscope`. */
export function configOfStack(): Partial<Record<Key, string>> {
  const config = new pulumi.Config("dashscope");
  return valuesOf((key) => config.get(key));
}
