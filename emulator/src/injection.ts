import { pipeline, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "./errors";
import type { Fault } from "./faults";
import { prepareError } from "./server";

/** The body of an answer. */
export type Payload = string | Readable;

function waitForever(): Promise<never> {
  return new Promise(() => {});
}

/** Changes the answer that is about to be sent, as the fault says, and returns its body. */
export async function inject(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  body: string,
): Promise<Payload> {
  const { socket } = request.raw;
  switch (fault.kind) {
    case "error": {
      const { status, code = "InternalError", message = "Injected by the emulator.", retryAfter } = fault;
      return prepareError(new ApiError(status, code, message, retryAfter), request, reply);
    }
    case "delay":
      await sleep(fault.ms, undefined, { ref: false });
      return body;
    case "dropBefore":
    case "dropAfter":
      socket.destroy();
      return "";
    case "hang":
      return waitForever();
    case "truncate":
      reply.header("content-length", Buffer.byteLength(body));
      return Readable.from(sendHalf(body));
    case "trickle":
      reply.header("content-length", Buffer.byteLength(body));
      return Readable.from(sendSlowly(body));
    case "endless":
      return Readable.from(sendWithoutEnd());
    case "html":
      request.errorCode = null;
      reply.code(fault.status).type("text/html");
      return `<html><head><title>${fault.status}</title></head><body><h1>${fault.status}</h1><hr>proxy</body></html>`;
    case "body":
      request.errorCode = null;
      reply
        .code(fault.status)
        .type(JSON_TYPE)
        .headers(fault.headers ?? {});
      return fault.body;
    case "idleClose":
      // Node.js would add `Keep-Alive: timeout=…`, which warns the client.
      reply.header("connection", "keep-alive");
      reply.raw.once("finish", () => closeWhenIdle(socket, fault.ms));
      return body;
  }
}

const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Sends a stream as the answer's body and never returns. If it returned, the framework would crash the process when the stream of
 * an error answer is cut.
 */
export function sendStream(reply: FastifyReply, body: Readable): Promise<never> {
  reply.raw.statusCode = reply.statusCode;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  pipeline(body, reply.raw, () => {});
  return waitForever();
}

async function* sendHalf(body: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(body);
  yield bytes.subarray(0, Math.floor(bytes.length / 2));
  await sleep(10);
  throw new Error("The rest is never sent.");
}

async function* sendSlowly(body: string): AsyncGenerator<Buffer> {
  for (const byte of Buffer.from(body)) {
    yield Buffer.of(byte);
    await sleep(1000, undefined, { ref: false });
  }
}

function* sendWithoutEnd(): Generator<string> {
  yield '{"id":"';
  const filling = "0".repeat(16_384);
  while (true) yield filling;
}

function closeWhenIdle(socket: FastifyRequest["raw"]["socket"], ms: number): void {
  const received = socket.bytesRead;
  setTimeout(() => {
    if (socket.bytesRead === received) socket.destroy();
  }, ms).unref();
}
