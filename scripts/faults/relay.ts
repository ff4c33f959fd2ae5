import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A loopback address that refuses connections until it's opened, and then forwards them. */
export class Relay {
  readonly port: number;
  readonly #server = createServer((from) => this.#join(from));
  readonly #sockets = new Set<Socket>();
  #to = 0;

  private constructor(port: number) {
    this.port = port;
  }

  static async prepare(): Promise<Relay> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    if (typeof address !== "object" || address === null) throw new Error("The relay has no port.");
    return new Relay(address.port);
  }

  /** @param to the loopback port to forward to */
  open(to: number): void {
    this.#to = to;
    this.#server.listen(this.port, "127.0.0.1");
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(from: Socket): void {
    const to = connect(this.#to, "127.0.0.1");
    for (const socket of [from, to]) {
      this.#sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          this.#sockets.delete(socket);
          from.destroy();
          to.destroy();
        });
    }
    from.pipe(to).pipe(from);
  }
}
