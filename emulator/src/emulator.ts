import { isNativeError } from "node:util/types";
import { createAccountResolver } from "./accounts";
import { ActiveFaults } from "./activeFaults";
import { addApi, decorateRequests } from "./api";
import type { Behaviour } from "./behaviour";
import { Clock } from "./clock";
import { addControlRoutes } from "./control";
import { addItemRoutes } from "./conversationItems";
import { ConversationStore, type StoredConversation } from "./conversationStore";
import { addConversationRoutes } from "./conversations";
import { DataFile } from "./dataFile";
import { COMPATIBLE_PREFIX, NATIVE_PREFIX } from "./dialect";
import { type Fault, parseFaults } from "./faults";
import { refuseForeignHosts } from "./host";
import { addMessageRoutes } from "./messages";
import { addPageRoute } from "./page";
import { createRateCheck, type RateLimit } from "./rateLimit";
import { type LoggedRequest, RequestLog } from "./requestLog";
import { createServer } from "./server";
import { type StoredThread, ThreadStore } from "./threadStore";
import { addThreadRoutes } from "./threads";
import { createWorkspaceResolver } from "./workspaces";

/** The options of {@link startEmulator}; each has a default. */
export interface EmulatorOptions extends Behaviour {
  /** The loopback port. Default 0: a free one. */
  port?: number;
  /** The file that keeps threads and conversations. Default: a temporary file that goes away with the emulator. */
  data?: string;
  /**
   * The API keys to accept, each `KEY` or `KEY=ACCOUNT`. Keys without an account share the default account. Default: any key
   * that isn't empty, for the default account.
   */
  apiKeys?: string[];
  /** The workspaces that requests may name; others answer 404 `WorkSpaceNotFound`. Default: any. */
  workspaces?: string[];
  /** Milliseconds by which every answer is delayed. Default 0. */
  latency?: number;
  /** The faults in force from the start. Default: none. */
  faults?: Fault[];
  /** The seed of faults with a `probability`. Default 1. */
  seed?: number;
  /** Refuses requests over this rate with 429 `Throttling.RateQuota`. Default: no limit. */
  rateLimit?: RateLimit;
}

/** A running emulator. */
export interface Emulator {
  /** The port that it listens on. */
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** The base URL of the native API: `http://127.0.0.1:PORT/api/v1`. */
  readonly url: string;
  /** The base URL of the API that is compatible with OpenAI's: `http://127.0.0.1:PORT/compatible-mode/v1`. */
  readonly compatibleUrl: string;
  /** The last 10,000 requests to both APIs, oldest first. */
  requests(): LoggedRequest[];
  /** Forgets the requests seen so far. */
  clearRequests(): void;
  /** All threads of all accounts and workspaces with their messages, oldest first. */
  threads(): StoredThread[];
  /** All conversations of all accounts and workspaces with their items, oldest first. */
  conversations(): StoredConversation[];
  /**
   * Moves the clock of threads and conversations forward, for example past the 7 days that items are kept.
   * @throws Error if `ms` isn't a number of milliseconds from 0.
   */
  advanceClock(ms: number): void;
  /**
   * Replaces the faults in force; `[]` clears them.
   * @throws Error naming the field that is wrong.
   */
  setFaults(faults: Fault[]): void;
  /** Cuts all connections and closes the data file; can be called again. */
  close(): Promise<void>;
}

/**
 * Starts a DashScope-compatible server on 127.0.0.1.
 * @example
 * const dashscope = await startEmulator({ apiKeys: ["sk-test"], faults: [{ kind: "dropAfter", times: 1 }] });
 * const answer = await fetch(`${dashscope.url}/threads`, {
 *   method: "POST",
 *   headers: { authorization: "Bearer sk-test" },
 * });
 * await dashscope.close();
 * @throws Error when the port is taken, the data file cannot be opened or is in use by another emulator, or a key, a fault
 * or the rate limit is wrong.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const faults = new ActiveFaults(parseFaults(options.faults ?? []), options.seed ?? 1);
  const requestLog = new RequestLog();
  const surroundings = {
    requestLog,
    faults,
    resolveAccount: createAccountResolver(options.apiKeys),
    checkRate: createRateCheck(options.rateLimit),
    resolveWorkspace: createWorkspaceResolver(options.workspaces),
    latency: options.latency ?? 0,
    untyped401: options.untyped401 ?? false,
  };
  const file = options.data === undefined ? DataFile.createTemporary() : await DataFile.open(options.data);
  const clock = new Clock();
  const threads = new ThreadStore(file, clock);
  const conversations = new ConversationStore(file, clock);
  const app = createServer();
  refuseForeignHosts(app);
  decorateRequests(app);
  addApi(app, NATIVE_PREFIX, surroundings, (api) => {
    api.addHook<object>("preSerialization", async (request, _reply, body) => ({
      ...body,
      request_id: request.id,
    }));
    addThreadRoutes(api, threads, options);
    addMessageRoutes(api, threads, options);
  });
  addApi(app, COMPATIBLE_PREFIX, surroundings, (api) => {
    api.register(
      async (v1) => {
        addConversationRoutes(v1, conversations, options);
        addItemRoutes(v1, conversations, options);
      },
      { prefix: "/v1" },
    );
  });
  addControlRoutes(app, { threads, conversations, clock, faults, requestLog });
  addPageRoute(app, { threads, conversations, faults, requestLog });
  app.addHook("onClose", async () => file.close());

  let origin: string;
  try {
    origin = await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  } catch (error) {
    await app.close();
    if (isNativeError(error) && "code" in error && error.code === "EADDRINUSE")
      throw new Error(`Port ${options.port} is in use: choose another, or 0 for a free one.`, {
        cause: error,
      });
    throw error;
  }
  return {
    port: Number(new URL(origin).port),
    origin,
    url: origin + NATIVE_PREFIX,
    compatibleUrl: `${origin}${COMPATIBLE_PREFIX}/v1`,
    requests: () => requestLog.last(),
    clearRequests: () => requestLog.clear(),
    threads: () => threads.listThreads(),
    conversations: () => conversations.listConversations(),
    advanceClock: (ms) => clock.advance(ms),
    setFaults: (next) => faults.set(parseFaults(next)),
    close: () => app.close(),
  };
}
