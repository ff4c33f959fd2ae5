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
  type Connections,
  connections,
  type Exchange,
  exchange,
  type Request,
} from "./exchange";
import { backoff, Pacer, retryAfter } from "./pacer";
import type { Place } from "./place";
import { redacted } from "./redaction";
import { logRequest } from "./requestLog";
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

interface Attempt {
  readonly exchange: Pick<Exchange, "sentAt" | "body">;
  readonly answer: Answer;
}

/** Sends calls to DashScope: paced together, bounded in time, and repeated only where that does no harm. */
export class Client {
  readonly #key: () => string;
  readonly #settings: Settings;
  readonly #connections: Connections;
  readonly #pacer: Pacer;

  /** @param key asked at each call, so that a missing key fails the first call that needs it and nothing else */
  constructor(key: () => string, settings: Settings) {
    this.#key = key;
    this.#settings = settings;
    this.#connections = connections(settings);
    this.#pacer = new Pacer(settings.maxConcurrency);
  }

  /**
   * Performs a call and reads its successful answer.
   *
   * @throws CallError of the class that says what became of it; MissingKeyError or ConfigurationError before anything is sent
   */
  async perform<T>(call: Call<T>, place: Place): Promise<T> {
    const key = this.#key();
    const request = requestOf(call, place, key);
    const confidential = [key, ...call.confidential];
    const { operationTimeout, maxRetries } = this.#settings;
    const deadline = performance.now() + operationTimeout * 1000;
    let last: { readonly answer: Answer; readonly failure: Failure } | undefined;
    let repeats = 0;
    for (let attempt = 1; ; attempt++) {
      const made = await this.#pacer.run(deadline, () =>
        this.#attempt(call, request, confidential, attempt, deadline),
      );
      if (made === undefined) break;
      const { answer, exchange } = made;
      const failure = failureOf(call, place, answer, confidential, attempt);
      if (answer.kind === "success") {
        const result = call.read(answer.body, answer.requestId);
        if (result !== undefined) return result;
      }
      if (!call.repeatable && exchange.sentAt && mayHaveWorked(answer)) {
        throw new CreateUncertainError(failure, exchange.sentAt, threadIdIn(exchange.body));
      }
      const throttled = answer.kind === "throttled";
      if (!isPassing(answer) || (!throttled && repeats === maxRetries)) throw errorOf(answer, failure);
      last = { answer, failure };
      // A throttled request waits, like every other, for the end of the cooldown that it has just caused.
      const pause = throttled ? 0 : backoff(repeats++);
      if (performance.now() + pause >= deadline) break;
      await sleep(pause);
    }
    throw this.#outOfTime(call, place, last);
  }

  async #attempt(
    call: Call<unknown>,
    request: Request,
    confidential: readonly string[],
    attempt: number,
    deadline: number,
  ): Promise<Attempt> {
    const sent = performance.now();
    const result = await exchange(
      call.repeatable ? this.#connections.kept : this.#connections.fresh,
      request,
      Math.min(deadline - sent, this.#settings.requestTimeout * 1000),
    );
    const answer = answerOf(result);
    logRequest(request, answer, confidential, attempt, performance.now() - sent);
    const wait = retryAfter(result.headers["retry-after"]);
    if (answer.kind === "success") {
      this.#pacer.answered();
    } else if (isThrottling(answer) || wait !== undefined) {
      this.#pacer.throttled(sent, wait);
    }
    return { exchange: result, answer };
  }

  /** There is no time left for an attempt, or for another one than those made. */
  #outOfTime(
    call: Call<unknown>,
    { baseUrl }: Place,
    last: { readonly answer: Answer; readonly failure: Failure } | undefined,
  ): CallError {
    const limit = `the operation's ${this.#settings.operationTimeout} s`;
    if (last !== undefined) {
      const outcome = `${last.failure.outcome}, and the next attempt would be after ${limit}`;
      return errorOf(last.answer, { ...last.failure, outcome });
    }
    const pause = Math.ceil(this.#pacer.pause / 1000);
    const failure = { action: call.action, baseUrl };
    return pause > 0
      ? new ThrottledError({
          ...failure,
          outcome: `not sent, since earlier requests were throttled and the next may follow in ${pause} s, after ${limit}`,
        })
      : new TimeoutError({ ...failure, outcome: `not sent, since its turn did not come within ${limit}` });
  }
}

function requestOf(call: Call<unknown>, place: Place, key: string): Request {
  const url = `${place.baseUrl}/${call.path.map(encodeURIComponent).join("/")}`;
  if (!URL.canParse(url))
    throw new ConfigurationError("The base URL that is recorded of the thread is not a URL.");
  return {
    method: call.method,
    url: new URL(url),
    headers: {
      authorization: `Bearer ${key}`,
      accept: "application/json; charset=utf-8",
      "user-agent": `pulumi-dashscope; node/${process.versions.node}; platform/${process.platform}; processor/${process.arch}`,
      ...(call.body !== undefined && { "content-type": "application/json" }),
      ...(place.workspace !== undefined && { "X-DashScope-WorkSpace": place.workspace }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
  };
}

type Outcome = Omit<Failure, "action" | "baseUrl">;

function failureOf(
  { action }: Call<unknown>,
  { baseUrl }: Place,
  answer: Answer,
  confidential: readonly string[],
  attempt: number,
): Failure {
  const { outcome, ...known } = outcomeOf(answer, confidential);
  return {
    action,
    baseUrl,
    outcome: attempt === 1 ? outcome : `${outcome}, at the last of ${attempt} attempts`,
    ...known,
  };
}

function outcomeOf(answer: Answer, confidential: readonly string[]): Outcome {
  if (answer.kind === "lost") return { outcome: redacted(describe(answer.error), confidential) };
  const requestId = answer.requestId === undefined ? {} : { requestId: answer.requestId };
  const known = { status: answer.status, ...requestId };
  switch (answer.kind) {
    case "success":
      return { outcome: `HTTP ${answer.status} with a body that is not what this call answers`, ...known };
    case "unexpected":
      return { outcome: redacted(answer.what, confidential), ...known };
    default: {
      const apiCode = redacted(answer.apiCode, confidential);
      const said = redacted(answer.apiMessage, confidential);
      return { outcome: `HTTP ${answer.status} ${apiCode} "${said}"`, apiCode, ...known };
    }
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
      return answer.broken || answer.status >= 500 || answer.status === 429 || answer.status === 408;
    case "lost":
      return !isPermanent(answer.error);
    default:
      return false;
  }
}

function errorOf(answer: Answer, failure: Failure): CallError {
  switch (answer.kind) {
    case "gone":
      return new ThreadGoneError(failure);
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
    case "unexpected":
      return new UnexpectedAnswerError(failure);
    case "lost":
      return answer.error instanceof AttemptTimeout ? new TimeoutError(failure) : new NetworkError(failure);
  }
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
