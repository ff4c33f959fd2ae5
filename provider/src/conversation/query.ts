import { createObjectQuery } from "../resource/query";
import { conversations } from "./endpoints";

/** The lookup of a conversation. */
export const conversationQuery = createObjectQuery(conversations, "dashscope:index:getConversation");
