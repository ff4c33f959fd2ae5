import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/**
 * Shows the user what the plugin prints to stderr. Pulumi itself shows the stderr of a dynamic-provider host, but that of a plugin only with
 * `--debug`.
 */
export class EngineLog {
  readonly #engine: EngineClient | undefined;
  #shown: Promise<unknown> = Promise.resolve();

  /** @param address the engine's; a process that a developer started has none, and prints to its own stderr */
  constructor(address: string | undefined) {
    if (address !== undefined) this.#engine = new EngineClient(address, credentials.createInsecure());
  }

  /** Takes over `console.error`. */
  capture(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    console.error = (line: unknown) => {
      const request = new LogRequest().setSeverity(LogSeverity.INFO).setMessage(String(line));
      // An engine that has ended shows nothing.
      const shown = new Promise<void>((resolve) => engine.log(request, () => resolve()));
      this.#shown = Promise.all([this.#shown, shown]);
    };
  }

  /** Resolves when the engine has everything. */
  async flush(): Promise<void> {
    await this.#shown;
  }
}
