export type { Behaviour } from "./behaviour";
export type { Emulator, EmulatorOptions } from "./emulator";
export { startEmulator } from "./emulator";
export type { Fault } from "./faults";
export type { Metadata } from "./metadata";
export type { RateLimit } from "./rateLimit";
export type { SeenRequest } from "./requestLog";
export type { StoredMessage, StoredThread } from "./threadStore";
export type { Verb } from "./verbs";
