const pulumi = require("@pulumi/pulumi");
const { SupportDesk } = require("support-desk");

const desk = new SupportDesk("desk", { env: new pulumi.Config().require("env") });

exports.threadId = desk.threadId;
exports.seen = desk.seen;
