export { Thread, type ThreadArgs, type ThreadMessage, type ThreadMessageArgs } from "./thread/thread";
