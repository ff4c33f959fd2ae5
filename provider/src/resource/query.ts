import type { Configuration } from "../config/configuration";
import type { Client } from "../dashscope/client";

/** A lookup of something that the stack doesn't manage, on plain objects. */
export interface Query<Args extends object, Result extends object> {
  /** The name that mocks are called with, and that the provider plugin invokes. */
  readonly token: string;
  /** Sends the requests that answer it. */
  fetch(args: Args, client: Client, configuration: Configuration): Promise<Result>;
}
