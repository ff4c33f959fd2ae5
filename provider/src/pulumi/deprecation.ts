import * as pulumi from "@pulumi/pulumi";

const warned = new WeakSet<pulumi.Resource>();

/**
 * Says once a program run that the API is deprecated, unless `dashscope:silenceDeprecation` or the environment variable
 * `DASHSCOPE_SILENCE_DEPRECATION` is `true`.
 */
export function warnOfDeprecation(): void {
  // One process may run several programs, one after another: each has a stack of its own.
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined || warned.has(stack)) return;
  warned.add(stack);
  const silenced =
    process.env["DASHSCOPE_SILENCE_DEPRECATION"] || new pulumi.Config("dashscope").get("silenceDeprecation");
  if (silenced === "true") return;
  pulumi.log.warn(
    "Alibaba Cloud has deprecated the Assistant API that dashscope.Thread manages, without an end date: threads go on working. To silence this: pulumi config set dashscope:silenceDeprecation true",
  );
}
