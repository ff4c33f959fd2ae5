import * as dashscope from "pulumi-dashscope";

const thread = new dashscope.Thread("support", {
  messages: [{ role: "user", content: "You are talking to the support desk." }],
  metadata: { team: "support", env: "dev" },
});

export const threadId = thread.id;
