export { Provider, type ProviderArgs } from "./pulumi/provider";
export {
  type GetThreadArgs,
  type GetThreadOutputArgs,
  type GetThreadResult,
  getThread,
  getThreadOutput,
} from "./thread/getThread";
export { Thread, type ThreadArgs, type ThreadMessage, type ThreadMessageArgs } from "./thread/thread";
