export type { Behaviour } from "./behaviour";
export type { Emulator, EmulatorOptions } from "./emulator";
export { startEmulator } from "./emulator";
export type {
  BodyFault,
  DelayFault,
  DropAfterFault,
  DropBeforeFault,
  EndlessFault,
  ErrorFault,
  Fault,
  FaultCondition,
  HangFault,
  HtmlFault,
  IdleCloseFault,
  RateLimitFault,
  TrickleFault,
  TruncateFault,
} from "./faults";
export type { RateLimit } from "./rateLimit";
export type { SeenRequest } from "./requestLog";
export type { Metadata, StoredMessage, StoredThread } from "./store";
export type { Verb } from "./verbs";
