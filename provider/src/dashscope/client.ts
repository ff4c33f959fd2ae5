import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, answerOf, describe } from "./answer";
import {
  AuthenticationError,
  BillingError,
  type CallError,
  ConfigurationError,
  CreateUncertainError,
  type Failure,
  NetworkError,
  PermissionError,
  RefusedError,
  ServiceError,
  ThreadGoneError,
  ThrottledError,
  TimeoutError,
  UnexpectedAnswerError,
  WorkspaceError,
} from "./errors";
import {
  AttemptTimeout,
  BodyTooLarge,
  type Connections,
  connections,
  type Exchange,
  exchange,
  headerOf,
  type Request,
} from "./exchange";
import { backoff, Pacer, retryAfter } from "./pacer";
import type { Place } from "./place";
import { isShowable, redacted } from "./redaction";
import { type RequestLog, requestLog } from "./requestLog";
import type { Settings } from "./settings";

/** One call of the API, whose successful answer is read as a `T`. */
export interface Call<T> {
  /** What is tried, as in "could not …": `create a thread`. */
  readonly action: string;
  readonly method: Request["method"];
  /** Path segments below the base URL; each is encoded. */
  readonly path: readonly string[];
  readonly body?: unknown;
  /** Sending it twice does no more than sending it once; a create is the one call of which that is not true. */
  readonly repeatable: boolean;
  /** What is sent and must not be shown, should a server repeat it. */
  readonly confidential: readonly string[];
  /** Reads the body of a 2xx answer; `undefined` when it is not what the call answers. */
  readonly read: (body: unknown, requestId: string | undefined) => T | undefined;
}

/** A call on its way, with all its attempts. */
interface Operation {
  readonly call: Call<unknown>;
  readonly place: Place;
  readonly request: Request;
  readonly confidential: readonly string[];
  /** When it has to be over, in the terms of `performance.now()`. */
  readonly deadline: number;
}

interface Attempt {
  readonly exchange: Exchange;
  readonly answer: Answer;
}

/** An attempt that failed, and as what. */
interface Failed {
  readonly answer: Answer;
  readonly failure: Failure;
}

/** Sends calls to DashScope: paced together, bounded in time, and repeated only where that does no harm. */
export class Client {
  readonly #key: () => string;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #pacer: Pacer;
  readonly #log: RequestLog | undefined;

  /**
   * @param key asked at each call, so that a missing key fails the first call that needs it and nothing else
   * @throws ConfigurationError when the environment names a proxy that cannot be one
   */
  constructor(key: () => string, settings: Settings) {
    this.#key = key;
    this.#settings = settings;
    this.#connections = connections(settings);
    this.#pacer = new Pacer(settings.maxConcurrency);
    this.#log = requestLog(process.env);
  }

  /**
   * Performs a call and reads its successful answer.
   *
   * @throws CallError of the class that says what became of it; MissingKeyError or ConfigurationError before anything is sent
   */
  async perform<T>(call: Call<T>, place: Place): Promise<T> {
    const key = this.#key();
    const { requestTimeout, operationTimeout, maxRetries } = this.#settings;
    const operation: Operation = {
      call,
      place,
      request: requestOf(call, place, key),
      confidential: [key, ...call.confidential],
      deadline: performance.now() + operationTimeout * 1000,
    };
    // A create that is cut short may have worked, so it is not begun without time to end.
    const reserve = call.repeatable ? 0 : Math.min(requestTimeout, operationTimeout / 2) * 1000;
    const sendBy = operation.deadline - reserve;
    let last: Failed | undefined;
    let repeats = 0;
    for (let count = 1; ; count++) {
      const attempt = await this.#pacer.run(sendBy, () => this.#attempt(operation, count));
      if (attempt === undefined) break;
      const { answer, exchange } = attempt;
      if (answer.kind === "success") {
        const result = call.read(answer.body, answer.requestId);
        if (result !== undefined) return result;
      }
      const failure = failureOf(operation, answer, count);
      if (!call.repeatable && exchange.sentAt && mayHaveWorked(answer)) {
        throw new CreateUncertainError(failure, exchange.sentAt, threadIdIn(exchange.body));
      }
      const throttled = answer.kind === "throttled";
      if (!isPassing(answer) || (!throttled && repeats === maxRetries)) throw errorOf(call, answer, failure);
      last = { answer, failure };
      // A throttled request waits, like every other, for the end of the cooldown that it has just caused.
      const pause = throttled ? 0 : backoff(repeats++);
      if (performance.now() + pause >= sendBy) break;
      await sleep(pause);
    }
    throw this.#outOfTime(operation, last);
  }

  async #attempt({ call, request, confidential, deadline }: Operation, count: number): Promise<Attempt> {
    const sent = performance.now();
    const result = await exchange(
      call.repeatable ? this.#connections.kept : this.#connections.warm,
      request,
      Math.min(deadline - sent, this.#settings.requestTimeout * 1000),
    );
    const answer = showable(answerOf(result), confidential);
    this.#log?.(request, answer, count, performance.now() - sent);
    const wait = retryAfter(headerOf(result, "retry-after"));
    if (isThrottling(answer) || (answer.kind !== "success" && wait !== undefined)) {
      this.#pacer.throttled(sent, wait);
    } else if (!["lost", "unexpected", "unavailable"].includes(answer.kind)) {
      this.#pacer.answered();
    }
    return { exchange: result, answer };
  }

  /** There is no time for an attempt, or for another one than those made. */
  #outOfTime({ call, place }: Operation, last: Failed | undefined): CallError {
    const limit = `the operation's ${this.#settings.operationTimeout} s`;
    const pause = Math.ceil(this.#pacer.pause / 1000);
    const why =
      pause > 0
        ? `requests are paused for another ${pause} s, which leaves no time for a whole attempt within ${limit}`
        : `no time for a whole attempt is left of ${limit}`;
    if (last !== undefined) {
      return errorOf(call, last.answer, { ...last.failure, outcome: `${last.failure.outcome}, and ${why}` });
    }
    const failure = {
      action: call.action,
      baseUrl: place.baseUrl,
      outcome: `not sent, because ${why}`,
    };
    return pause > 0 ? new ThrottledError(failure) : new TimeoutError(failure);
  }
}

const { version }: { version: string } = JSON.parse(
  readFileSync(join(__dirname, "../../package.json"), "utf8"),
);

// In the form of DashScope's SDKs.
const userAgent = `pulumi-dashscope/${version}; node/${process.versions.node}; platform/${process.platform}; processor/${process.arch}`;

function requestOf(call: Call<unknown>, place: Place, key: string): Request {
  return {
    method: call.method,
    url: urlOf(call, place),
    headers: {
      authorization: `Bearer ${key}`,
      accept: "application/json; charset=utf-8",
      "user-agent": userAgent,
      ...(call.body !== undefined && { "content-type": "application/json" }),
      ...(place.workspace !== undefined && { "X-DashScope-WorkSpace": place.workspace }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
  };
}

function urlOf({ path }: Call<unknown>, { baseUrl }: Place): URL {
  try {
    return new URL(`${baseUrl}/${path.map(encodeURIComponent).join("/")}`);
  } catch {
    throw new ConfigurationError("The base URL that is recorded of the thread is not a URL.");
  }
}

type Outcome = Omit<Failure, "action" | "baseUrl">;

/** The answer without what a server repeats in it; of a success, its body has yet to be read. */
function showable(answer: Answer, confidential: readonly string[]): Answer {
  if (answer.kind === "lost") return answer;
  const { requestId, ...anonymous } = answer;
  const known = requestId === undefined || isShowable(requestId, confidential) ? answer : anonymous;
  if (!("apiCode" in known)) return known;
  return {
    ...known,
    apiCode: redacted(known.apiCode, confidential),
    apiMessage: redacted(known.apiMessage, confidential),
  };
}

function failureOf({ call, place }: Operation, answer: Answer, count: number): Failure {
  const { outcome, ...known } = outcomeOf(answer);
  return {
    action: call.action,
    baseUrl: place.baseUrl,
    outcome: count === 1 ? outcome : `${outcome}, at the last of ${count} attempts`,
    ...known,
  };
}

function outcomeOf(answer: Answer): Outcome {
  if (answer.kind === "lost") return { outcome: redacted(describe(answer.error), []) };
  const requestId = answer.requestId === undefined ? {} : { requestId: answer.requestId };
  const known = { status: answer.status, ...requestId };
  switch (answer.kind) {
    case "success":
      return { outcome: `HTTP ${answer.status} with a body that is not what this call answers`, ...known };
    case "unexpected":
      return { outcome: redacted(answer.what, []), ...known };
    default:
      return {
        outcome: `HTTP ${answer.status} ${answer.apiCode} "${answer.apiMessage}"`,
        apiCode: answer.apiCode,
        ...known,
      };
  }
}

/** Whether a request that left and was answered like this may have done its work. */
function mayHaveWorked(answer: Answer): boolean {
  return ["success", "unexpected", "unavailable", "lost"].includes(answer.kind);
}

/** Whether the account, or a proxy on the way, asks for fewer requests. */
function isThrottling(answer: Answer): boolean {
  return answer.kind === "throttled" || (answer.kind === "unexpected" && answer.status === 429);
}

/** Whether the same request may fare better later. */
function isPassing(answer: Answer): boolean {
  switch (answer.kind) {
    case "throttled":
    case "unavailable":
      return true;
    case "unexpected":
      return (
        answer.error !== undefined || answer.status >= 500 || answer.status === 429 || answer.status === 408
      );
    case "lost":
      return !isPermanent(answer.error);
    default:
      return false;
  }
}

function errorOf(call: Call<unknown>, answer: Answer, failure: Failure): CallError {
  switch (answer.kind) {
    case "gone":
      // A create names no thread: only at a wrong address is it answered like this.
      return call.repeatable ? new ThreadGoneError(failure) : new UnexpectedAnswerError(failure);
    case "workspace":
      return new WorkspaceError(failure);
    case "authentication":
      return new AuthenticationError(failure);
    case "permission":
      return new PermissionError(failure);
    case "billing":
      return new BillingError(failure);
    case "throttled":
      return new ThrottledError(failure);
    case "unavailable":
      return new ServiceError(failure);
    case "refused":
      return new RefusedError(failure);
    case "success":
      return new UnexpectedAnswerError(failure);
    case "unexpected":
    case "lost":
      return brokenOff(answer.error, failure);
  }
}

function brokenOff(error: Error | undefined, failure: Failure): CallError {
  if (error instanceof AttemptTimeout) return new TimeoutError(failure);
  // An answer without an end is not DashScope's, nor is one that came whole and could not be read.
  const isForeign = error === undefined || error instanceof BodyTooLarge;
  return isForeign ? new UnexpectedAnswerError(failure) : new NetworkError(failure);
}

/** What no retry will change: the codes of OpenSSL's and Node's certificate checks, and of undici for what it cannot send. */
function isPermanent(error: Error): boolean {
  const permanent = /CERT|SELF_SIGNED|UNABLE_TO_|^UND_ERR_INVALID_ARG$/;
  return "code" in error && typeof error.code === "string" && permanent.test(error.code);
}

/** The id in a damaged answer to a create, wherever it was cut. */
function threadIdIn(body: string): string | undefined {
  return /"id"\s*:\s*"(thread_[\w-]+)"/.exec(body)?.[1];
}
