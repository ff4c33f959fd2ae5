const pulumi = require("@pulumi/pulumi");
const dashscope = require("pulumi-dashscope");

exports.SupportDesk = class SupportDesk extends pulumi.ComponentResource {
  constructor(name, { env }, opts) {
    super("support:index:Desk", name, {}, opts);
    const messages = [{ role: "user", content: "A private text" }];
    const thread = new dashscope.Thread(name, { messages, metadata: { env } }, { parent: this });
    this.threadId = thread.id;
    this.seen = dashscope.getThreadOutput({ id: thread.id }, { parent: this }).metadata;
    this.registerOutputs();
  }
};
