import * as pulumi from "@pulumi/pulumi";
import * as dashscope from "pulumi-dashscope";

const env = new pulumi.Config().require("env");
const args: dashscope.ThreadArgs = {
  messages: [{ role: "user", content: "A private text" }],
  metadata: { env },
};
const thread = new dashscope.Thread("support", args);

export const threadId = thread.id;
export const seen = dashscope.getThreadOutput({ id: thread.id }).metadata;
