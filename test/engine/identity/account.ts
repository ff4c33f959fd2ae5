import type * as pulumi from "@pulumi/pulumi";
import type { EmulatorOptions } from "dashscope-emulator";
import { Thread, type ThreadArgs } from "pulumi-dashscope";
import { apiKey } from "../outsider";

/** Two valid keys of the account that owns the threads, and one of someone else's account. */
export const ownKey = apiKey;
export const rotatedKey = "sk-rotated";
export const foreignKey = "sk-foreign";

/** Both accounts at one endpoint. A thread of one account doesn't exist for the other. */
export const accounts = {
  apiKeys: [`${ownKey}=ours`, `${rotatedKey}=ours`, `${foreignKey}=theirs`],
} satisfies EmulatorOptions;

export const silent = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

/** A program of one thread, `support`. */
export function declareSupport(
  args?: ThreadArgs,
  opts?: pulumi.CustomResourceOptions,
): pulumi.automation.PulumiFn {
  return async () => {
    new Thread("support", args, opts);
  };
}
