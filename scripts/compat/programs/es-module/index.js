import * as pulumi from "@pulumi/pulumi";
import { getThreadOutput, Thread } from "pulumi-dashscope";

const env = new pulumi.Config().require("env");
const messages = [{ role: "user", content: "A private text" }];
const thread = new Thread("support", { messages, metadata: { env } });

export const threadId = thread.id;
export const seen = getThreadOutput({ id: thread.id }).metadata;
