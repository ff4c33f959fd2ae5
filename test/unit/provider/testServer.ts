import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach } from "@jest/globals";

/** A server on a free loopback port, for answers that the emulator doesn't give. It's closed after the test. */
export interface TestServer {
  readonly url: string;
  /** How many connections it has accepted. */
  countConnections(): number;
  close(): Promise<void>;
}

/** What a scripted server does with one request. */
export type Step =
  | "drop"
  | "hang"
  | { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };

const running: TestServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** Starts a server that speaks HTTP. */
export function startHttpServer(listener: RequestListener): Promise<TestServer> {
  return listen(createHttpServer({ keepAliveTimeout: 60_000 }, listener));
}

/** Starts a server that speaks whatever `onConnection` writes. */
export function startRawServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listen(createServer(onConnection));
}

/** Starts a server that answers each request with the next step, and drops the connection after the last one. */
export async function startScript(steps: readonly Step[]) {
  const times: number[] = [];
  const { url } = await startHttpServer((request, response) => {
    const step = steps[times.length] ?? "drop";
    times.push(performance.now());
    request.resume();
    if (step === "drop") request.socket.destroy();
    else if (step !== "hang") {
      response.writeHead(step.status, step.headers);
      response.end(typeof step.body === "string" ? step.body : JSON.stringify(step.body));
    }
  });
  return { url, times, countRequests: () => times.length };
}

/** Returns the URL of a port on which nobody listens. */
export async function findClosedUrl(): Promise<string> {
  const { url, close } = await startRawServer(() => undefined);
  await close();
  return url;
}

async function listen(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let closing: Promise<unknown> | undefined;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  const started: TestServer = {
    url: `http://127.0.0.1:${address.port}`,
    countConnections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      closing ??= once(server.close(), "close");
      await closing;
    },
  };
  running.push(started);
  return started;
}

/** Returns the error that a promise rejects with. */
export async function catchError<T extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => T,
): Promise<T> {
  const error: unknown = await promise.then(
    () => new Error("The promise didn't reject."),
    (reason: unknown) => reason,
  );
  if (error instanceof type) return error;
  throw error;
}
