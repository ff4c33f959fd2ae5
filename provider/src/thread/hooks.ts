import { createHooks } from "../host/createHooks";
import { threadLifecycle } from "./lifecycle";

/** The hooks of a `Thread`. State files name this module's subpath permanently. */
const hooks = createHooks(threadLifecycle, "thread");
export = hooks;
