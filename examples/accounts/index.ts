import * as pulumi from "@pulumi/pulumi";
import * as dashscope from "pulumi-dashscope";

// pulumi config set --secret beijingKey sk-…
// pulumi config set --secret singaporeKey sk-…
const config = new pulumi.Config();

const beijing = new dashscope.Provider("beijing", {
  apiKey: config.requireSecret("beijingKey"),
  region: "cn-beijing",
  // A gateway of your own, if there is one. Otherwise the region decides.
  baseUrl: config.get("beijingBaseUrl"),
});
const singapore = new dashscope.Provider("singapore", {
  apiKey: config.requireSecret("singaporeKey"),
  region: "ap-southeast-1",
  baseUrl: config.get("singaporeBaseUrl"),
  workspace: config.get("singaporeWorkspace"),
});

const metadata = { team: "support" };
const mainland = new dashscope.Thread("mainland", { metadata }, { provider: beijing });
const international = new dashscope.Thread("international", { metadata }, { provider: singapore });

export const threadIds = { mainland: mainland.id, international: international.id };
