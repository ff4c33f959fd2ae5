import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach } from "@jest/globals";

const opened: Connection[] = [];

/** Opens a connection that is closed when the test is over. */
export function openConnection(target: { port: number }): Connection {
  const connection = new Connection(target);
  opened.push(connection);
  return connection;
}

afterEach(() => {
  for (const connection of opened.splice(0)) connection.close();
});

/** A bare connection, for what an HTTP client would never send or would hide. */
export class Connection {
  readonly #socket: Socket;
  /** All that has arrived. */
  received = "";
  /** Whether the other side has closed. */
  closed = false;

  constructor({ port }: { port: number }) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => {
      this.received += text;
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.closed = true;
    });
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Waits until `done` is true of it, or fails after `ms`. */
  async until(done: (connection: this) => boolean, ms = 15_000): Promise<void> {
    for (const end = Date.now() + ms; !done(this); await sleep(5))
      if (Date.now() > end) throw new Error(`Only this came: ${this.received.slice(0, 1000)}`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The text of a request with a key. */
export function requestText(method: string, path: string, body = ""): string {
  return (
    `${method} /api/v1${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk-test\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
