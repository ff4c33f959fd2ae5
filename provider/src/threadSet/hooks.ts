import { createHooks } from "../host/createHooks";
import { threadSetLifecycle } from "./lifecycle";

/** The hooks of a `ThreadSet`. State files name this module's subpath permanently. */
const hooks = createHooks(threadSetLifecycle, "thread set");
export = hooks;
