import * as pulumi from "@pulumi/pulumi";
import { Configuration, type Lookup } from "../config/configuration";
import { settingKeys } from "../config/settings";
import { describeUnknownKey } from "../config/unknownKeys";

const namespace = "dashscope";

/** Returns the stack configuration of the running program. */
export function readStackConfiguration(): Lookup {
  const config = new pulumi.Config(namespace);
  return (key) => config.get(key);
}

const checkedStacks = new WeakSet<pulumi.Resource>();

/**
 * Refuses a key of the stack configuration that no setting has: it's a mistake that would otherwise be ignored.
 *
 * @throws pulumi.RunError which names the key and the closest valid one
 */
export function assertKnownKeys(): void {
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined || checkedStacks.has(stack)) return;
  checkedStacks.add(stack);
  const names = Object.keys(pulumi.runtime.allConfig()).filter((name) => name.startsWith(`${namespace}:`));
  for (const name of names) {
    const key = name.slice(namespace.length + 1);
    if (settingKeys.some((known) => known === key)) continue;
    throw new pulumi.RunError(describeUnknownKey(key));
  }
}

/** The configuration of the running program, without an explicit provider. */
export function createStackConfiguration(): Configuration {
  return new Configuration(process.env, { stack: readStackConfiguration() });
}
