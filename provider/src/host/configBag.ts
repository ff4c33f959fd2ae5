import { Configuration, type Lookup } from "../config/configuration";

/** Set in the configuration of an explicit `Provider`, which gets its own arguments and not the stack's. */
export const explicitKey = "dashscope:explicit";

/** An earlier release passed the stack configuration to an explicit `Provider` in this key, as JSON. */
const inheritedKey = "dashscope:inherited";

/**
 * Reads the configuration that the host gives to a process's hooks: the arguments of an explicit `Provider`, or the stack
 * configuration. The host looks a bare key up as one of the project, so each has its namespace.
 */
export function readConfiguration(bag: { get(key: string): string | undefined }): Configuration {
  const inBag: Lookup = (key) => bag.get(`dashscope:${key}`);
  const inherited = bag.get(inheritedKey);
  if (inherited !== undefined) {
    const stack: Record<string, string> = JSON.parse(inherited);
    return new Configuration(process.env, { provider: inBag, stack: (key) => stack[key] });
  }
  return new Configuration(
    process.env,
    bag.get(explicitKey) === undefined ? { stack: inBag } : { provider: inBag },
  );
}
