import * as pulumi from "@pulumi/pulumi";
import type { ThreadShape } from "../thread-shape";

/** The name under which a stack's folder has the built `hooks.ts` among its packages. */
export const hooksPackage = "bench-floor";

/** A resource with the inputs of a thread, secret messages included, and hooks that return at once. */
export class Thread extends pulumi.CustomResource {
  constructor(name: string, { messages, metadata }: ThreadShape) {
    super("pulumi-nodejs:dynamic/dashscope:Thread", name, {
      messages: pulumi.secret(messages),
      metadata,
      __provider: `exports.handler = () => require("${hooksPackage}");`,
    });
  }
}
