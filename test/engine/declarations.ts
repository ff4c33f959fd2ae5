import type * as pulumi from "@pulumi/pulumi";
import type { ThreadArgs } from "pulumi-dashscope";
import type { FrontEnd } from "./setup";

/** Returns a program of one thread, `support`, of a front end's class. */
export function declareSupport(
  Thread: FrontEnd["Thread"],
  args?: ThreadArgs,
  opts?: pulumi.CustomResourceOptions,
): pulumi.automation.PulumiFn {
  return async () => {
    const { id, metadata, createdAt } = new Thread("support", args, opts);
    return { id, metadata, createdAt };
  };
}

/** A program for operations that must not run it. */
export async function failIfRun(): Promise<never> {
  throw new Error("This operation must not run the program.");
}
