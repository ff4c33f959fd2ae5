import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a host sees of the engine: an address that accepts connections as long as the engine runs. */
export class Engine {
  readonly address: string;
  /** The temporary folder of its hosts. */
  readonly folder = mkdtempSync(join(tmpdir(), "dashscope-engine-"));
  readonly #close: () => Promise<void>;

  private constructor(address: string, close: () => Promise<void>) {
    this.address = address;
    this.#close = close;
  }

  static async start(): Promise<Engine> {
    const sessions = new Set<ServerHttp2Session>();
    const server = createServer().on("session", (session) => {
      sessions.add(session);
      session.on("error", () => {}).on("close", () => sessions.delete(session));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("The engine has no port.");
    return new Engine(`127.0.0.1:${address.port}`, async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    });
  }

  /** Cuts all connections, as a kill does. */
  async close(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
