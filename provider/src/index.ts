// The types stand apart: TypeScript 3.8, which Pulumi runs programs with that bring none, knows no `type` inside the braces.

export type { ProviderArgs } from "./pulumi/provider";
export { Provider } from "./pulumi/provider";
export type { GetThreadArgs, GetThreadOutputArgs, GetThreadResult } from "./thread/getThread";
export { getThread, getThreadOutput } from "./thread/getThread";
export type { ThreadArgs, ThreadMessage, ThreadMessageArgs } from "./thread/thread";
export { Thread } from "./thread/thread";
