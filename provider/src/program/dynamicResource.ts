import * as pulumi from "@pulumi/pulumi";
import { getHooksSubpath, getProviderText, getTypeToken, type ResourceName } from "../resource/providerText";
import { addTypeAliases } from "./aliases";
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
   * @param opts Pulumi's options for resources, but not `import`
   * @throws pulumi.RunError if `opts.import` is set, which can't work for a dynamic resource; if the project itself hasn't installed this
   * package; or if the stack configuration contains an unknown `dashscope:` key
   */
  protected constructor(
    kind: ResourceName,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions | undefined,
  ) {
    refuseImport(kind, name, opts);
    assertKnownKeys();
    assertHooksInReach(getHooksSubpath(kind));
    const restoreStackTraces = shortenStackTraces();
    const type = getTypeToken(kind);
    try {
      super(type, name, { ...props, __provider: getProviderText(kind) }, addTypeAliases(kind, opts, type));
    } finally {
      restoreStackTraces();
    }
    printNotices(kind);
  }
}

/** The host isn't told which hooks to load for an import: https://github.com/pulumi/pulumi/issues/3550. */
function refuseImport(
  kind: ResourceName,
  name: string,
  opts: pulumi.CustomResourceOptions | undefined,
): void {
  if (opts?.import === undefined) return;
  const instead = kind === "Thread" ? ", run `npx pulumi-dashscope import-file --help`" : "";
  throw new pulumi.RunError(
    `The option \`import\` of the ${kind} "${name}" can't work, because Pulumi can't import dynamic resources. Set \`adoptId\` instead${instead}, or use the provider plugin.`,
  );
}
