import { createObjectQuery } from "../resource/query";
import { threads } from "./endpoints";

/** The lookup of a thread. */
export const threadQuery = createObjectQuery(threads, "dashscope:index:getThread");
