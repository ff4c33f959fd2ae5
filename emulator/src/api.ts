import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AccountResolver } from "./accounts";
import { notFound } from "./errors";
import { doesWork, type Fault, type Faults } from "./faults";
import { inject, sendStream } from "./injection";
import type { RateCheck } from "./rateLimit";
import type { LoggedRequest, RequestLog } from "./requestLog";
import { answerError } from "./server";
import type { Owner } from "./store";
import type { Verb } from "./verbs";
import type { WorkspaceOf } from "./workspaces";

declare module "fastify" {
  interface FastifyContextConfig {
    verb?: Verb;
  }
  interface FastifyRequest {
    /** Its entry in the request log; null outside the API. */
    logged: LoggedRequest | null;
    /** The account and the workspace whose threads the request can reach; null before the key is checked. */
    owner: Owner | null;
    /** The fault that it met. */
    fault: Fault | null;
  }
}

/** Where the API begins, on the emulator as on DashScope. */
export const API_PREFIX = "/api/v1";

/** What stands around every call of the API. */
export interface ApiSurroundings {
  requestLog: RequestLog;
  faults: Faults;
  resolveAccount: AccountResolver;
  checkRate: RateCheck;
  workspaceOf: WorkspaceOf;
  /** Milliseconds that every answer is held back. */
  latency: number;
  /** Whether a 401 comes without `Content-Type`. */
  untyped401: boolean;
}

/** Puts the calls that `routes` adds under the API's path, behind log, faults, key check and rate limit. */
export function addApi(
  app: FastifyInstance,
  { requestLog, faults, resolveAccount, checkRate, workspaceOf, latency, untyped401 }: ApiSurroundings,
  routes: (api: FastifyInstance) => void,
): void {
  app.decorateRequest("logged", null);
  app.decorateRequest("owner", null);
  app.decorateRequest("fault", null);
  app.register(
    async (api) => {
      api.addHook("onRequest", async (request) => {
        request.logged = logEntry(request);
        requestLog.add(request.logged);
      });
      api.addHook("preHandler", async (request, reply) => {
        const { logged } = request;
        if (logged) requestLog.setBody(logged, request.body);
        const fault = faults.strike(request.routeOptions.config.verb);
        if (fault === undefined) return;
        request.fault = fault;
        if (logged) logged.fault = fault.kind;
        if (doesWork(fault)) return;
        // Kept waiting for ever: when the client goes away meanwhile, the framework would go on to the work.
        reply.send("");
        return new Promise(() => {});
      });
      api.addHook("preHandler", async (request) => {
        const account = resolveAccount(request.headers.authorization);
        if (request.logged && account !== undefined) request.logged.account = account;
        checkRate();
        request.owner = { account, workspace: workspaceOf(request.headers) };
      });
      api.addHook<string>("onSend", async (request, reply, body) => {
        const { fault, logged } = request;
        if (untyped401 && reply.statusCode === 401) reply.removeHeader("content-type");
        const answer = fault ? await inject(fault, request, reply, body) : body;
        if (latency > 0) await sleep(latency, undefined, { ref: false });
        if (logged && !request.raw.socket.destroyed) {
          logged.status = reply.statusCode;
          if (request.errorCode !== null) logged.code = request.errorCode;
        }
        return typeof answer === "string" ? answer : sendStream(reply, answer);
      });
      routes(api);
      api.setNotFoundHandler((request, reply) => answerError(notFound(), request, reply));
    },
    { prefix: API_PREFIX },
  );
}

/** Returns the owner of a request that has passed the key check. */
export function requireOwner({ owner }: FastifyRequest): Owner {
  if (owner === null) throw new Error("The request's key wasn't checked.");
  return owner;
}

function logEntry(request: FastifyRequest): LoggedRequest {
  const { verb } = request.routeOptions.config;
  const workspace = request.headers["x-dashscope-workspace"];
  return {
    at: Date.now(),
    method: request.method,
    path: request.url,
    ...(verb !== undefined && { verb }),
    ...(typeof workspace === "string" && workspace !== "" && { workspace }),
    requestId: request.id,
  };
}
