import { findClosestKey } from "./closest";
import { argumentKeys } from "./settings";

/** Describes a key of the stack configuration that no setting has, and the closest valid one. */
export function describeUnknownKey(key: string): string {
  return `\`dashscope:${key}\` isn't a setting of the provider. Did you mean \`dashscope:${findClosestKey(key)}\`? To remove it, run: pulumi config rm dashscope:${key} [DASHSCOPE_ERR_CONFIGURATION]`;
}

/** Describes a key that isn't an argument of a `Provider`, and lists the valid ones. */
export function describeUnknownArgument(key: string, provider: string, others: readonly string[]): string {
  const [last, ...rest] = [...argumentKeys, ...others].toReversed();
  return `\`${key}\` isn't an argument of the Provider "${provider}", which has ${rest.toReversed().join(", ")} and ${last}. [DASHSCOPE_ERR_CONFIGURATION]`;
}
