import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AccountResolver } from "./accounts";
import type { ActiveFaults } from "./activeFaults";
import { COMPATIBLE_PREFIX } from "./dialect";
import { PathNotFound } from "./errors";
import { doesWork, type Fault } from "./faults";
import { inject, sendStream } from "./injection";
import type { Owner } from "./owner";
import type { RateCheck } from "./rateLimit";
import type { LogEntry, RequestLog } from "./requestLog";
import { answerError } from "./server";
import type { Verb } from "./verbs";
import type { WorkspaceResolver } from "./workspaces";

declare module "fastify" {
  interface FastifyContextConfig {
    verb?: Verb;
  }
  interface FastifyRequest {
    /** Its entry in the request log; null outside the API. */
    logged: LogEntry | null;
    /** The account and the workspace whose objects the request can reach; null before the key is checked. */
    owner: Owner | null;
    /** The fault that it met. */
    fault: Fault | null;
  }
}

/** What surrounds every call of an API. */
export interface ApiSurroundings {
  requestLog: RequestLog;
  faults: ActiveFaults;
  resolveAccount: AccountResolver;
  checkRate: RateCheck;
  resolveWorkspace: WorkspaceResolver;
  /** Milliseconds by which every answer is delayed. */
  latency: number;
  /** Whether a 401 has no `Content-Type`. */
  untyped401: boolean;
}

/** Adds what {@link addApi} needs in each request; call it once for a server. */
export function decorateRequests(app: FastifyInstance): void {
  app.decorateRequest("logged", null);
  app.decorateRequest("owner", null);
  app.decorateRequest("fault", null);
}

/** Adds the calls of `routes` under a path, behind the log, the faults, the key check and the rate limit. */
export function addApi(
  app: FastifyInstance,
  prefix: string,
  { requestLog, faults, resolveAccount, checkRate, resolveWorkspace, latency, untyped401 }: ApiSurroundings,
  routes: (api: FastifyInstance) => void,
): void {
  app.register(
    async (api) => {
      api.addHook("onRequest", async (request) => {
        request.logged = createLogEntry(request);
        requestLog.add(request.logged);
      });
      api.addHook("preHandler", async (request, reply) => {
        const { logged } = request;
        if (logged) requestLog.setBody(logged, request.body);
        const fault = faults.take(request.routeOptions.config.verb);
        if (fault === undefined) return;
        request.fault = fault;
        if (logged) logged.fault = fault.kind;
        if (doesWork(fault)) return;
        // This never returns: if the client went away meanwhile, the framework would go on to the work.
        reply.send("");
        return new Promise(() => {});
      });
      api.addHook("preHandler", async (request) => {
        // The gateway before the compatible API doesn't know keys.
        if (request.is404 && prefix === COMPATIBLE_PREFIX) return;
        const account = resolveAccount(request.headers.authorization);
        if (request.logged && account !== undefined) request.logged.account = account;
        checkRate();
        request.owner = { account, workspace: resolveWorkspace(request.headers["x-dashscope-workspace"]) };
      });
      api.addHook<string>("onSend", async (request, reply, body) => {
        const { fault, logged } = request;
        if (body === "" || (untyped401 && reply.statusCode === 401)) reply.removeHeader("content-type");
        const answer = fault ? await inject(fault, request, reply, body) : body;
        if (latency > 0) await sleep(latency, undefined, { ref: false });
        if (logged && !request.raw.socket.destroyed) {
          logged.status = reply.statusCode;
          if (request.errorCode !== null) logged.code = request.errorCode;
        }
        return typeof answer === "string" ? answer : sendStream(reply, answer);
      });
      routes(api);
      api.setNotFoundHandler((request, reply) => answerError(new PathNotFound(), request, reply));
    },
    { prefix },
  );
}

/** Returns the owner of a request that has passed the key check. */
export function requireOwner({ owner }: { owner: Owner | null }): Owner {
  if (owner === null) throw new Error("The request's key wasn't checked.");
  return owner;
}

function createLogEntry(request: FastifyRequest): LogEntry {
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
