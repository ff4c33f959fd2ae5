import * as pulumi from "@pulumi/pulumi";
import { getHooksSubpath, getProviderText, getTypeToken, type ResourceName } from "../resource/providerText";
import { assertHooksInReach } from "./hooksInReach";
import { printNotices } from "./notices";
import { assertKnownKeys } from "./stackConfig";
import { shortenStackTraces } from "./stackTraces";

/** A resource whose hooks run in Pulumi's dynamic-provider host. */
export abstract class DynamicResource extends pulumi.CustomResource {
  /**
   * Declares a resource.
   *
   * @param kind which resource it is
   * @param name unique among the resources of this kind
   * @param props the arguments, with a key for each computed output, because Pulumi makes an output only of the properties that it's told
   * @param opts Pulumi's options for resources
   * @throws pulumi.RunError if the project itself hasn't installed this package, or if the stack configuration contains an unknown
   * `dashscope:` key
   */
  protected constructor(
    kind: ResourceName,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions | undefined,
  ) {
    assertKnownKeys();
    assertHooksInReach(getHooksSubpath(kind));
    const restoreStackTraces = shortenStackTraces();
    try {
      super(getTypeToken(kind), name, { ...props, __provider: getProviderText(kind) }, opts);
    } finally {
      restoreStackTraces();
    }
    printNotices(kind);
  }
}

/** Whether a value is a resource of one kind, also of another copy of the package. */
export function isResource(kind: ResourceName, value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "__pulumiType" in value &&
    value.__pulumiType === getTypeToken(kind)
  );
}

/**
 * Refuses the option `import`. The host isn't told which hooks to load: https://github.com/pulumi/pulumi/issues/3550.
 *
 * @throws pulumi.RunError which names what works instead
 */
export function refuseImport(
  kind: ResourceName,
  name: string,
  opts: pulumi.CustomResourceOptions | undefined,
): void {
  if (opts?.import === undefined) return;
  const instead = kind === "Thread" ? ", or run `npx pulumi-dashscope import-file --help`" : "";
  throw new pulumi.RunError(
    `The option \`import\` of the ${kind} "${name}" can't work, because Pulumi can't import dynamic resources. Set \`adoptId\` instead${instead}.`,
  );
}

/**
 * Returns the ID that `get` reads. Without an ID, Pulumi would create a resource.
 *
 * @throws pulumi.RunError if the ID isn't set, at once or when it's known
 */
export function requireId(
  kind: ResourceName,
  name: string,
  id: pulumi.Input<pulumi.ID>,
  example: string,
): pulumi.Output<pulumi.ID> {
  const error = new pulumi.RunError(
    `The ID of the ${kind} "${name}" isn't set. Pass the ID of an existing ${kind.toLowerCase()}, such as ${example}. [DASHSCOPE_ERR_CONFIGURATION]`,
  );
  if (!id) throw error;
  return pulumi.output(id).apply((known: string | null | undefined) => {
    if (known) return known;
    throw error;
  });
}
