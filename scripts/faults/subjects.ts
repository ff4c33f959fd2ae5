import type { Emulator } from "dashscope-emulator";
import { getProviderText } from "../../provider/src/resource/providerText";
import { conversationFaults, type FaultCase, threadFaults } from "./faultCases";

/** The operations of the table. `add items`: creates a conversation with more items than the create takes, and only the rest meets the fault. */
export type Verb = "create" | "read" | "update" | "delete" | "add items";

/**
 * How the host is configured. `own`: as when the object was created. `foreignKey`: with a key of another account. `changedEnvironment`:
 * the environment names another endpoint and another workspace.
 */
export type Column = "own" | "foreignKey" | "changedEnvironment";

/** How many requests meet the fault. */
export type Strikes = "once" | "always";

/** A resource of the table. */
export interface Subject {
  readonly noun: "thread" | "conversation";
  /** What the state stores as `__provider`. */
  readonly provider: string;
  /** The first segment of the path: `threads`. */
  readonly collection: string;
  readonly verbs: readonly Verb[];
  readonly faultCases: readonly FaultCase[];
  readonly columns: readonly Column[];
  /** In the column `own`. */
  readonly strikes: readonly Strikes[];
  getBaseUrl(emulator: Emulator): string;
  listObjects(emulator: Emulator): readonly { readonly id: string; readonly metadata: unknown }[];
}

/** The `Thread`. */
export const thread: Subject = {
  noun: "thread",
  provider: getProviderText("Thread"),
  collection: "threads",
  verbs: ["create", "read", "update", "delete"],
  faultCases: threadFaults,
  columns: ["own", "foreignKey", "changedEnvironment"],
  strikes: ["once", "always"],
  getBaseUrl: ({ url }) => url,
  listObjects: (emulator) => emulator.threads(),
};

/** The `Conversation`. What threads show of retries and of the environment is true of every resource, so it isn't repeated. */
export const conversation: Subject = {
  noun: "conversation",
  provider: getProviderText("Conversation"),
  collection: "conversations",
  verbs: ["create", "read", "update", "delete", "add items"],
  faultCases: conversationFaults,
  columns: ["own", "foreignKey"],
  strikes: ["once"],
  getBaseUrl: ({ compatibleUrl }) => compatibleUrl,
  listObjects: (emulator) => emulator.conversations(),
};
