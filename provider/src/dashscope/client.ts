import { setMaxListeners } from "node:events";
import { type Answer, type Failed, parseAnswer } from "./answer";
import {
  ConfigurationError,
  CreateUncertainError,
  DashScopeError,
  type Failure,
  RequestError,
} from "./errors";
import { ConnectionPool, type Exchange, exchange, getHeader, type Request } from "./exchange";
import { type OutcomeName, outcomes } from "./outcomes";
import { computeBackoff, Pacer, parseRetryAfter, sleepUntilAborted } from "./pacer";
import { createRequestLog, type RequestLog } from "./requestLog";
import { type Api, type Endpoint, normalizeBaseUrl } from "./url";

/** Timeouts, retries and concurrency. */
export interface ClientSettings {
  /** Seconds to establish a connection, TLS included. */
  readonly connectTimeout: number;
  /** Seconds for one attempt, from connecting to the last byte of the answer. */
  readonly requestTimeout: number;
  /** Seconds for one operation, with its retries and cooldowns, from its first turn on. */
  readonly operationTimeout: number;
  /** How often a failed attempt is repeated. Throttled attempts don't count. */
  readonly maxRetries: number;
  /** How many requests are under way at once. */
  readonly maxConcurrency: number;
}

/** A create that's about to be sent, or was sent, as it's journaled. */
export interface CreateJournal {
  /** Is called, and awaited, before a create is sent. Rejects if it must not be sent. */
  prepare(): Promise<void>;
  /** Records that a create is about to be sent, and returns what records its end. */
  begin(create: { readonly noun: string; readonly endpoint: Endpoint; readonly key: string }): CreateRecord;
}

/** Records how one create ended. None of these throws: the create was sent, and its result must not be lost. */
export interface CreateRecord {
  /** DashScope created this. */
  created(id: string): void;
  /** Nothing was created. */
  refused(): void;
  /** It isn't known whether something was created. */
  uncertain(id: string | undefined): void;
}

/** One call of the API, whose successful answer is read as a `T`. */
export interface Call<T> {
  /** What is tried, after "Could not": `create a thread`. */
  readonly action: string;
  readonly api: Api;
  readonly method: Request["method"];
  /** Path segments below the base URL. Each is encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The noun of what a create makes: `thread`. Only a create has it. It's journaled, and never repeated after it left. */
  readonly creates?: string;
  /** Whether the call adds something whenever it works, so that it's never repeated after it left. A create always is one. */
  readonly adds?: true;
  /** See {@link Request.answerLimit}. */
  readonly answerLimit?: number;
  /** What must not be shown if a server repeats it: messages and metadata values. */
  readonly confidential: readonly string[];
  /** Reads the body of a 2xx answer. Returns `undefined` if the body isn't an answer to this call. */
  readonly read: (body: unknown, requestId: string | undefined) => T | undefined;
}

/** What the client is made of. */
export interface ClientOptions {
  /** Returns the API key and where it comes from. Called for each call, so that a missing key fails only the calls that need it. */
  readonly getCredential: () => { readonly key: string; readonly source: string };
  readonly settings: ClientSettings;
  readonly journal?: CreateJournal;
  /** Is told when a throttled account makes requests wait. */
  readonly reportWait?: (seconds: number) => void;
  /** Ends what waits to be sent, at once. What was sent is waited for. */
  readonly interruption?: AbortSignal;
}

/** The time that one operation has for all of its calls, instead of `operationTimeout` for each. */
interface OperationLimit {
  readonly seconds: number;
  /** When it's over (`performance.now()`). */
  readonly end: number;
  /** Aborts then. */
  readonly signal: AbortSignal;
}

/** A call with everything that its attempts share. */
interface Operation<T> {
  readonly call: Call<T>;
  readonly endpoint: Endpoint;
  readonly key: string;
  readonly keySource: string;
  readonly request: Request;
  readonly secrets: readonly string[];
}

/** What all operations of a client share. */
class Shared {
  readonly connections: ConnectionPool;
  readonly pacer: Pacer;
  readonly log: RequestLog | undefined = createRequestLog(process.env);
  readonly created = new Set<string>();

  constructor({ settings, reportWait }: ClientOptions) {
    this.connections = new ConnectionPool(settings);
    this.pacer = new Pacer(settings.maxConcurrency, reportWait);
  }
}

/** Sends calls to DashScope: paced together, bounded in time, and repeated only where that does no harm. */
export class Client {
  readonly #options: ClientOptions;
  readonly #shared: Shared;
  readonly #limit: OperationLimit | undefined;
  /** Ends what waits: the client is interrupted, or the operation's time is over. */
  readonly #ending: AbortSignal | undefined;

  constructor(options: ClientOptions, shared = new Shared(options), limit?: OperationLimit) {
    const { interruption } = options;
    this.#options = options;
    this.#shared = shared;
    this.#limit = limit;
    this.#ending =
      limit && interruption ? AbortSignal.any([interruption, limit.signal]) : (limit?.signal ?? interruption);
    // Each request that waits listens to it.
    if (this.#ending !== undefined) setMaxListeners(0, this.#ending);
  }

  /**
   * Returns this client for one operation, which has so many seconds from now on for all of its calls, waiting included. It replaces
   * `operationTimeout`.
   */
  within(seconds: number): Client {
    const end = performance.now() + seconds * 1000;
    return new Client(this.#options, this.#shared, {
      seconds,
      end,
      signal: AbortSignal.timeout(Math.ceil(seconds * 1000)),
    });
  }

  /** Whether DashScope throttles the account now. */
  get isThrottled(): boolean {
    return this.#shared.pacer.isThrottled;
  }

  /**
   * Performs a call and reads its successful answer.
   *
   * @throws RequestError if it failed; CreateUncertainError if a create may have worked; ConfigurationError before anything is sent
   */
  async perform<T>(call: Call<T>, endpoint: Endpoint): Promise<T> {
    const { key, source } = this.#options.getCredential();
    const operation: Operation<T> = {
      call,
      endpoint,
      key,
      keySource: source,
      request: buildRequest(call, endpoint, key),
      secrets: [key, ...call.confidential],
    };
    const deadline = this.#startClock(isSentOnce(call));
    let last: RequestError | undefined;
    let repeats = 0;
    for (let count = 1; ; count++) {
      const attempt = await this.#shared.pacer.run(
        deadline.getSendBy,
        () => this.#attempt(operation, count, deadline.getEnd() - performance.now()),
        this.#ending,
      );
      if (attempt === undefined) break;
      if ("result" in attempt) return attempt.result;
      last = attempt.error;
      const { outcome } = last;
      const throttled = outcome === "throttled";
      const isFinal =
        !outcomes[outcome].retried ||
        (attempt.wasSent && isSentOnce(call) && outcomes[outcome].mayHaveWorked);
      if (isFinal || (!throttled && repeats === this.#options.settings.maxRetries)) throw last;
      // A throttled request waits for the end of the cooldown that it caused, as every other request does.
      const backoff = throttled ? 0 : computeBackoff(repeats++);
      if (performance.now() + backoff >= deadline.getSendBy()) break;
      await sleepUntilAborted(backoff, this.#ending);
    }
    throw this.#options.interruption?.aborted
      ? buildInterruption(operation, last)
      : this.#buildTimeError(operation, last);
  }

  /** How long an operation may take. */
  get #seconds(): number {
    return this.#limit?.seconds ?? this.#options.settings.operationTimeout;
  }

  /** Starts to count when the operation's first turn comes. What is sent once isn't sent without time to end: cut short, it may have worked. */
  #startClock(isSentOnce: boolean): { getSendBy: () => number; getEnd: () => number } {
    const { requestTimeout } = this.#options.settings;
    const reserve = isSentOnce ? Math.min(requestTimeout, this.#seconds / 2) * 1000 : 0;
    let end = this.#limit?.end;
    const getEnd = () => {
      end ??= performance.now() + this.#seconds * 1000;
      return end;
    };
    return { getEnd, getSendBy: () => getEnd() - reserve };
  }

  async #attempt<T>(
    operation: Operation<T>,
    count: number,
    milliseconds: number,
  ): Promise<{ result: T } | { error: RequestError; wasSent: boolean }> {
    const { call, endpoint, key, request, secrets } = operation;
    const { kept, warm } = this.#shared.connections.select(request.url);
    const { creates } = call;
    const { journal } = this.#options;
    if (creates !== undefined) await journal?.prepare();
    const record = creates === undefined ? undefined : journal?.begin({ noun: creates, endpoint, key });
    const started = performance.now();
    const limit = Math.min(milliseconds, this.#options.settings.requestTimeout * 1000);
    let isForeign = false;
    const sent = await exchange(isSentOnce(call) ? warm : kept, request, limit);
    try {
      const answer = parseAnswer(sent, call.api, secrets);
      this.#shared.log?.(request, answer, count, performance.now() - started);
      this.#pace(answer, sent, started);
      const result = answer.kind === "success" ? call.read(answer.body, answer.requestId) : undefined;
      if (result !== undefined && answer.kind === "success") {
        const id = readId(answer.body);
        isForeign = creates !== undefined && (secrets.includes(id) || !this.#isNew(id));
        if (!isForeign) {
          record?.created(id);
          return { result };
        }
      }
      const failed = answer.kind === "failed" ? interpretForCall(answer, call) : buildUnreadable(answer);
      const failure = buildFailure(operation, failed, count);
      if (creates !== undefined && sent.sentAt && outcomes[failed.outcome].mayHaveWorked) {
        throw new CreateUncertainError(
          creates,
          failure,
          sent.sentAt,
          isForeign ? undefined : findCreatedId(sent, secrets),
        );
      }
      record?.refused();
      return { error: new RequestError(failed.outcome, failure), wasSent: sent.sentAt !== undefined };
    } catch (error) {
      if (creates === undefined || !sent.sentAt) {
        record?.refused();
        throw error;
      }
      const createdId =
        error instanceof CreateUncertainError ? error.createdId : findCreatedId(sent, secrets);
      record?.uncertain(createdId);
      if (error instanceof CreateUncertainError) throw error;
      // Whatever goes wrong in reading the answer, the request left.
      const failure = {
        action: call.action,
        baseUrl: endpoint.baseUrl,
        reason: "the client couldn't read the answer",
        ...(sent.status !== undefined && { status: sent.status }),
      };
      throw new CreateUncertainError(creates, failure, sent.sentAt, createdId);
    }
  }

  #pace(answer: Answer, sent: Exchange, started: number): void {
    const wait = parseRetryAfter(getHeader(sent, "retry-after"));
    if (answer.status === 429 && (answer.kind === "success" || isThrottling(answer.outcome))) {
      this.#shared.pacer.throttled(started, wait);
    } else if (answer.kind === "failed" && wait !== undefined) {
      this.#shared.pacer.throttled(started, wait);
    } else if (answer.kind === "success" || !outcomes[answer.outcome].mayHaveWorked) {
      this.#shared.pacer.answered();
    }
  }

  /** Two creates that are answered with the same ID are a fault: one of the two answers belongs to the other. */
  #isNew(id: string): boolean {
    if (this.#shared.created.has(id)) return false;
    this.#shared.created.add(id);
    return true;
  }

  /** There's no time for an attempt, or for another one after those made. */
  #buildTimeError({ call, endpoint }: Operation<unknown>, last: RequestError | undefined): RequestError {
    const limit = `the operation's ${this.#seconds} s`;
    const cooldown = Math.ceil(this.#shared.pacer.pause / 1000);
    const why =
      cooldown > 0
        ? `DashScope throttles the account for another ${cooldown} s, which leaves no time for an attempt within ${limit}`
        : `no time for an attempt is left of ${limit}`;
    if (last !== undefined) {
      return new RequestError(last.outcome, {
        ...last.failure,
        reason: `${last.failure.reason}, and ${why}`,
      });
    }
    return new RequestError(cooldown > 0 ? "throttled" : "timeout", {
      action: call.action,
      baseUrl: endpoint.baseUrl,
      reason: `the request wasn't sent, because ${why}`,
    });
  }
}

// The bundle of the provider plugin contains it.
const { version }: { version: string } = require("../../package.json");

// In the form of DashScope's SDKs.
const userAgent = `pulumi-dashscope/${version}; node/${process.versions.node}; platform/${process.platform}; processor/${process.arch}`;

/** Whether a repetition would do the work twice. */
function isSentOnce({ creates, adds }: Call<unknown>): boolean {
  return creates !== undefined || adds === true;
}

function buildRequest(call: Call<unknown>, { baseUrl, workspace }: Endpoint, key: string): Request {
  // It may come from a state file, so it's checked before a key is sent there.
  const checked = normalizeBaseUrl(baseUrl);
  if (checked === undefined) {
    throw new ConfigurationError(
      "The recorded `baseUrl` must be an `https:` URL (or `http:` to a loopback address), so nothing was sent. Correct the state.",
    );
  }
  const url = new URL(`${checked}/${call.path.map(encodeURIComponent).join("/")}`);
  url.search = new URLSearchParams(call.query).toString();
  return {
    method: call.method,
    url,
    headers: {
      authorization: `Bearer ${key}`,
      accept: "application/json; charset=utf-8",
      "user-agent": userAgent,
      ...(call.body !== undefined && { "content-type": "application/json" }),
      ...(workspace !== undefined && { "X-DashScope-WorkSpace": workspace }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    ...(call.answerLimit !== undefined && { answerLimit: call.answerLimit }),
  };
}

function buildFailure(
  { call, endpoint, keySource }: Operation<unknown>,
  failed: Failed,
  count: number,
): Failure {
  const { outcome, status, apiCode, requestId } = failed;
  const reason =
    outcome === "authentication" ? `${failed.reason} for the key in ${keySource}` : failed.reason;
  return {
    action: call.action,
    baseUrl: endpoint.baseUrl,
    reason: count === 1 ? reason : `${reason}, at the last of ${count} attempts`,
    status,
    apiCode,
    requestId,
  };
}

/** A create names nothing that could be gone, so such an answer only refuses it. */
function interpretForCall(failed: Failed, { creates }: Call<unknown>): Failed {
  return creates !== undefined && failed.outcome === "gone" ? { ...failed, outcome: "refused" } : failed;
}

/** The command was interrupted while the request waited to be sent, or to be sent again. */
function buildInterruption(
  { call, endpoint }: Operation<unknown>,
  last: RequestError | undefined,
): DashScopeError {
  const before = last === undefined ? "" : `, after ${last.failure.reason}`;
  return new DashScopeError(
    "DASHSCOPE_ERR_INTERRUPTED",
    `Could not ${call.action} at ${endpoint.baseUrl}: the request wasn't sent${before}, because the command was interrupted. Run the command again.`,
  );
}

function buildUnreadable({ status, requestId }: { status: number; requestId: string | undefined }): Failed {
  const reason = `HTTP ${status} with a body that isn't an answer to this call`;
  return { kind: "failed", outcome: "foreign", reason, status, apiCode: undefined, requestId };
}

/** Whether the account, or a proxy on the way, asks for fewer requests. */
function isThrottling(outcome: OutcomeName): boolean {
  return outcome === "throttled" || outcome === "foreignTemporary";
}

function readId(body: unknown): string {
  const id = typeof body === "object" && body !== null && "id" in body ? body.id : undefined;
  return typeof id === "string" ? id : "";
}

/** Finds the ID in the answer to a create, also in a damaged one. Metadata may contain the ID of another thread. */
function findCreatedId({ body }: Exchange, secrets: readonly string[]): string | undefined {
  const ids = [...body.matchAll(/"id"\s*:\s*"((?:thread|conv)_[\w-]{1,120})"/g)].map(([, id]) => id);
  return ids.find((id) => id !== undefined && !secrets.includes(id));
}
