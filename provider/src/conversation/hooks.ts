import { createHooks } from "../host/createHooks";
import { conversationLifecycle } from "./lifecycle";

/** The hooks of a `Conversation`. State files name this module's subpath permanently. */
const hooks = createHooks(conversationLifecycle, "conversation");
export = hooks;
