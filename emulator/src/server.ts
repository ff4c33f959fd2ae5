import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  type ConnectionError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from "fastify";
import { formatError } from "./dialect";
import { ApiError, InvalidParameter, PathNotFound, toApiError } from "./errors";

declare module "fastify" {
  interface FastifyRequest {
    /** The code of the error answer. */
    errorCode: string | null;
  }
}

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Creates an HTTP server without routes. It answers every error in the dialect of the API that was called.
 * @param requestTimeout milliseconds that a client may take to send a request.
 */
export function createServer(requestTimeout = 30_000): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    clientErrorHandler: answerBrokenRequest,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    frameworkErrors: (_error, request, reply) =>
      answerError(new ApiError(400, "InvalidURL", "Invalid URL provided in your request."), request, reply),
    genReqId: () => randomUUID(),
    http: {
      connectionsCheckingInterval: requestTimeout / 10,
      headersTimeout: requestTimeout,
      // Node.js would answer requests without a host with an empty body.
      requireHostHeader: false,
    },
    requestTimeout,
    routerOptions: { maxParamLength: 65_536 },
  });
  app.decorateRequest("errorCode", null);
  // The framework refuses a `Content-Type` that it can't parse, so every body is read as text.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    delete request.headers["content-type"];
  });
  app.setErrorHandler((thrown, request, reply) => answerError(thrown, request, reply));
  app.setNotFoundHandler((request, reply) => answerError(new PathNotFound(), request, reply));
  // Node.js would answer an unknown `Expect` with an empty body.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  // Node.js would close the connection of a CONNECT without an answer.
  app.server.on("connect", (_request, socket) => answerSocket(new PathNotFound(), socket));
  return app;
}

/** Answers anything thrown while a request is handled. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  reply.send(prepareError(toApiError(thrown), request, reply));
}

/** Makes the answer an error's, except for its body, which it returns. */
export function prepareError(error: ApiError, request: FastifyRequest, reply: FastifyReply): string {
  const { code, contentType, body, headers } = formatError(error, request.url, request.id);
  request.errorCode = code;
  reply.code(error.status).header("x-request-id", request.id).headers(headers);
  if (contentType === undefined) reply.removeHeader("content-type");
  else reply.type(contentType);
  if (error.retryAfter !== undefined) reply.header("retry-after", error.retryAfter);
  return body;
}

/** Answers what the HTTP parser refuses. */
function answerBrokenRequest({ code }: ConnectionError, socket: Socket): void {
  if (code === "ECONNRESET" || !socket.writable) socket.destroy();
  else answerSocket(describeBrokenRequest(code), socket);
}

function answerSocket(error: ApiError, socket: Duplex): void {
  const requestId = randomUUID();
  const { body } = formatError(error, "", requestId);
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\nConnection: close\r\nX-Request-ID: ${requestId}\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function describeBrokenRequest(code: string): ApiError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new ApiError(408, "RequestTimeOut", "Request timed out, please try again later.");
  if (code === "HPE_HEADER_OVERFLOW")
    return new ApiError(431, "InvalidParameter", "The request headers are too large.");
  return new InvalidParameter("This is not an HTTP request.");
}
