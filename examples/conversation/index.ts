import * as dashscope from "pulumi-dashscope";

const thread = new dashscope.Thread("support", {
  messages: [{ role: "user", content: "You are talking to the support desk." }],
  metadata: { team: "support", env: "dev" },
});

// Copies the thread's metadata and its newest messages. The thread stays until you remove it.
const conversation = new dashscope.Conversation("support", { fromThread: thread.id });

export const threadId = thread.id;
export const conversationId = conversation.id;
export const conversationBaseUrl = conversation.baseUrl;
