import * as pulumi from "@pulumi/pulumi";

/** The error of a lookup whose result can't be unknown. */
export function buildUnknownError(): pulumi.RunError {
  return new pulumi.RunError(
    "The lookup can't run yet, because an argument of its Provider isn't known in this preview. Use the function that ends in `Output` instead.",
  );
}
