import * as pulumi from "@pulumi/pulumi";
import { addTypeAliases } from "../../program/aliases";
import { printNotices } from "../../program/notices";
import { assertKnownKeys } from "../../program/stackConfig";
import { shortenStackTraces } from "../../program/stackTraces";
import { getPluginTypeToken, type ResourceName } from "../../resource/providerText";

/** A resource of the provider plugin. */
export abstract class PluginResource extends pulumi.CustomResource {
  /**
   * Declares a resource.
   *
   * @param kind which resource it is
   * @param name unique among the resources of this kind
   * @param props the arguments, with a key for each computed output, because Pulumi makes an output only of the properties that it's told
   * @param opts Pulumi's options for resources
   * @throws pulumi.RunError if the stack configuration contains an unknown `dashscope:` key
   */
  protected constructor(
    kind: ResourceName,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions | undefined,
  ) {
    assertKnownKeys();
    const restoreStackTraces = shortenStackTraces();
    const type = getPluginTypeToken(kind);
    try {
      super(type, name, props, addTypeAliases(kind, opts, type));
    } finally {
      restoreStackTraces();
    }
    printNotices(kind);
  }
}
