import * as pulumi from "@pulumi/pulumi";
import * as dashscope from "pulumi-dashscope";

export interface TenantArgs {
  /** What the tenant has ordered. */
  plan: pulumi.Input<string>;
}

/** What every tenant gets: its own thread, which isn't lost if someone edits the greeting. */
export class Tenant extends pulumi.ComponentResource {
  readonly threadId: pulumi.Output<string>;

  constructor(name: string, args: TenantArgs, opts?: pulumi.ComponentResourceOptions) {
    super("example:Tenant", name, {}, opts);
    const thread = new dashscope.Thread(
      name,
      {
        messages: [{ role: "user", content: `This is the conversation of ${name}.` }],
        metadata: { tenant: name, plan: args.plan },
      },
      { parent: this, ignoreChanges: ["messages"] },
    );
    this.threadId = thread.id;
    this.registerOutputs({ threadId: this.threadId });
  }
}
