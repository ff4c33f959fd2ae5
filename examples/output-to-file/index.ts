import * as dashscope from "pulumi-dashscope";
import { ConfigFile } from "./configFile";

const thread = new dashscope.Thread("support", { metadata: { team: "support", env: "dev" } });

// Anything can take the ID as an input: the environment of a function, a Kubernetes ConfigMap, or this file.
const settings = new ConfigFile("settings", {
  path: "assistant.json",
  content: thread.id.apply((threadId) => JSON.stringify({ threadId })),
});

export const threadId = thread.id;
export const path = settings.path;
