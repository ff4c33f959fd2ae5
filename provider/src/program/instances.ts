import * as pulumi from "@pulumi/pulumi";

/** Whether a value is a resource of a type, also of another copy of the package. */
export function hasPulumiType(value: unknown, type: string): boolean {
  return (
    typeof value === "object" && value !== null && "__pulumiType" in value && value.__pulumiType === type
  );
}

/** Refuses the options that look for a set by its ID, which only the state of its stack knows. */
export function assertOnlyInState(
  type: string,
  name: string,
  opts: pulumi.CustomResourceOptions | undefined,
): void {
  if (opts?.import === undefined && opts?.id === undefined) return;
  throw new pulumi.RunError(
    `The ${type} "${name}" can't have the option \`import\` or \`id\`, because a set exists only in the state of its stack. To take over existing threads, set \`adoptId\` of its members.`,
  );
}

/** Returns the ID that a program passes to `get`, and refuses an empty one: without an ID, Pulumi would create a resource. */
export function requireId(
  type: string,
  name: string,
  id: pulumi.Input<pulumi.ID>,
  example: string,
): pulumi.Output<pulumi.ID> {
  const buildError = () =>
    new pulumi.RunError(
      `The ID of the ${type} "${name}" isn't set. Pass the ID of an existing ${type.toLowerCase()}, such as ${example}. [DASHSCOPE_ERR_CONFIGURATION]`,
    );
  if (!id) throw buildError();
  return pulumi.output(id).apply((known: string | null | undefined) => {
    if (known) return known;
    throw buildError();
  });
}
