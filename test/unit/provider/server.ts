import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";

/** A server on a free loopback port, for answers that no emulator would give. */
export interface TestServer {
  readonly url: string;
  /** How many connections it has accepted. */
  connections(): number;
  close(): Promise<void>;
}

/** Speaks HTTP. */
export function httpServer(listener: RequestListener): Promise<TestServer> {
  return listening(createHttpServer({ keepAliveTimeout: 60_000 }, listener));
}

/** Speaks whatever `onConnection` writes. */
export function rawServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listening(createServer(onConnection));
}

async function listening(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("It has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The URL of a port on which nobody listens. */
export async function closedUrl(): Promise<string> {
  const { url, close } = await rawServer(() => {});
  await close();
  return url;
}
