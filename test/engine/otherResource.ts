import * as pulumi from "@pulumi/pulumi";

/** A dynamic resource of another package, which shows the configuration of its host. */
export class Other extends pulumi.CustomResource {
  /** The value of `other:region`, or `undefined` as a string. */
  declare readonly seen: pulumi.Output<string>;

  constructor(name: string, parent: pulumi.Resource) {
    const hooks = `let seen; exports.handler = () => ({
      configure: async ({ config }) => { seen = String(config.get("other:region")); },
      create: async () => ({ id: "other", outs: { seen } }),
    });`;
    super("pulumi-nodejs:dynamic/other:Other", name, { seen: undefined, __provider: hooks }, { parent });
  }
}
