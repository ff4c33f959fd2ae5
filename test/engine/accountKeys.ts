import type { EmulatorOptions } from "dashscope-emulator";
import { apiKey } from "./outsider";

/** Two valid keys of the account that owns the threads, and one of another account. */
export const ownKey = apiKey;
export const rotatedKey = "sk-rotated";
export const foreignKey = "sk-foreign";

/** Both accounts at one endpoint. A thread of one account doesn't exist for the other. */
export const accounts = {
  apiKeys: [`${ownKey}=ours`, `${rotatedKey}=ours`, `${foreignKey}=theirs`],
} satisfies EmulatorOptions;
