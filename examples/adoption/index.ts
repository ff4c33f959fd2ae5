import * as pulumi from "@pulumi/pulumi";
import * as dashscope from "pulumi-dashscope";

// pulumi config set threadId thread_…
const config = new pulumi.Config();

const thread = new dashscope.Thread(
  "support",
  {
    adoptId: config.require("threadId"),
    metadata: { team: "support", managedBy: "pulumi" },
  },
  // `pulumi destroy` lets go of the thread instead of deleting it.
  { retainOnDelete: true },
);

export const createdAt = thread.createdAt;
