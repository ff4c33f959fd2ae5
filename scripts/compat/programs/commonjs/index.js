const pulumi = require("@pulumi/pulumi");
const dashscope = require("pulumi-dashscope");

const env = new pulumi.Config().require("env");
const messages = [{ role: "user", content: "A private text" }];
const thread = new dashscope.Thread("support", { messages, metadata: { env } });

exports.threadId = thread.id;
exports.seen = dashscope.getThreadOutput({ id: thread.id }).metadata;
