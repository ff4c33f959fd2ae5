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
import {
  ApiError,
  type ErrorBody,
  invalidParameter,
  invalidUrl,
  notFound,
  requestTimeOut,
  toApiError,
} from "./errors";

declare module "fastify" {
  interface FastifyRequest {
    /** The code of the error that is its answer. */
    errorCode: string | null;
  }
}

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * An HTTP server without routes, which answers everything it cannot do with DashScope's flat error.
 * @param requestTimeout milliseconds that a client may take to send a request.
 */
export function createServer(requestTimeout = 30_000): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    clientErrorHandler: answerBrokenRequest,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    frameworkErrors: (_error, request, reply) => answerError(invalidUrl(), request, reply),
    genReqId: () => randomUUID(),
    http: {
      connectionsCheckingInterval: requestTimeout / 10,
      headersTimeout: requestTimeout,
      // Node.js would refuse requests without a host on its own, with an empty body.
      requireHostHeader: false,
    },
    requestTimeout,
    routerOptions: { maxParamLength: 65_536 },
  });
  app.decorateRequest("errorCode", null);
  // Bodies are read as text whatever they claim to be, because the framework refuses a claim that it cannot parse.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    delete request.headers["content-type"];
  });
  app.setErrorHandler((thrown, request, reply) => answerError(thrown, request, reply));
  app.setNotFoundHandler((request, reply) => answerError(notFound(), request, reply));
  // Node.js would refuse an `Expect` that it does not know with an empty body.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  // Node.js would close the connection of a CONNECT without a word.
  app.server.on("connect", (_request, socket) => endWith(notFound(), socket));
  return app;
}

/** Answers anything thrown while a request was handled. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  reply.send(prepareError(toApiError(thrown), request, reply));
}

/** Makes the answer an error's, all but its body, which it gives. */
export function prepareError(error: ApiError, request: FastifyRequest, reply: FastifyReply): ErrorBody {
  request.errorCode = error.code;
  reply.code(error.status).header("x-request-id", request.id);
  if (error.retryAfter !== undefined) reply.header("retry-after", error.retryAfter);
  return errorBody(error, request.id);
}

/** Answers what did not even become a request. */
function answerBrokenRequest({ code }: ConnectionError, socket: Socket): void {
  if (code === "ECONNRESET" || !socket.writable) socket.destroy();
  else endWith(brokenRequest(code), socket);
}

function endWith(error: ApiError, socket: Duplex): void {
  const requestId = randomUUID();
  const body = JSON.stringify(errorBody(error, requestId));
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\nConnection: close\r\nX-Request-ID: ${requestId}\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function brokenRequest(code: string): ApiError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return requestTimeOut();
  if (code === "HPE_HEADER_OVERFLOW")
    return new ApiError(431, "InvalidParameter", "The request headers are too large.");
  return invalidParameter("This is not an HTTP request.");
}

const errorBody = ({ code, message }: ApiError, requestId: string): ErrorBody => ({
  code,
  message,
  request_id: requestId,
});
