import type { Dispatcher } from "undici";
import { type Answer, answerOf, describe } from "./answer";
import {
  AuthenticationError,
  BillingError,
  type CallError,
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
import { AttemptTimeout, connections, type Exchange, exchange, type Request } from "./exchange";
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
  readonly #dispatcher: Dispatcher;
  readonly #pacer: Pacer;

  /** @param key asked at each call, so that a missing key fails the first call that needs it and nothing else */
  constructor(key: () => string, settings: Settings) {
    this.#key = key;
    this.#settings = settings;
    this.#dispatcher = connections(settings);
    this.#pacer = new Pacer(settings.maxConcurrency);
  }

  /**
   * Performs a call and reads its successful answer.
   *
   * @throws CallError of the class that says what became of it; MissingKeyError before anything is sent
   */
  async perform<T>(call: Call<T>, place: Place): Promise<T> {
    const key = this.#key();
    const request = requestOf(call, place, key);
    const deadline = performance.now() + this.#settings.operationTimeout * 1000;
    let repeats = 0;
    for (let attempt = 1; ; attempt++) {
      const { answer, exchange } = await this.#pacer.run(() => this.#attempt(request, attempt, deadline));
      const failure = {
        action: call.action,
        baseUrl: place.baseUrl,
        ...outcomeOf(answer, [key, ...call.confidential]),
      };
      if (answer.kind === "success") {
        const result = call.read(answer.body, answer.requestId);
        if (result !== undefined) return result;
      }
      if (!call.repeatable && exchange.sentAt && mayHaveWorked(answer)) {
        throw new CreateUncertainError(failure, exchange.sentAt, threadIdIn(exchange.body));
      }
      const throttled = answer.kind === "throttled";
      if (!isPassing(answer) || (!throttled && repeats === this.#settings.maxRetries)) {
        throw errorOf(answer, failure);
      }
      const pause = Math.max(this.#pacer.pause, throttled ? 0 : backoff(repeats++));
      if (performance.now() + pause >= deadline) {
        const limit = `the next attempt would be after the operation's ${this.#settings.operationTimeout} s`;
        throw errorOf(answer, { ...failure, outcome: `${failure.outcome}, ${attempt} times, and ${limit}` });
      }
      await sleep(pause);
    }
  }

  async #attempt(request: Request, attempt: number, deadline: number): Promise<Attempt> {
    // Another request may have been throttled while this one waited for its turn.
    for (let pause = this.#pacer.pause; pause > 0; pause = this.#pacer.pause) {
      if (performance.now() + pause >= deadline) break;
      await sleep(pause);
    }
    const sent = performance.now();
    const left = this.#pacer.pause > 0 ? 0 : deadline - sent;
    if (left <= 0) {
      const limit = `its turn did not come within the operation's ${this.#settings.operationTimeout} s`;
      return { exchange: { body: "" }, answer: { kind: "lost", error: new AttemptTimeout(limit) } };
    }
    const result = await exchange(
      this.#dispatcher,
      request,
      Math.min(left, this.#settings.requestTimeout * 1000),
    );
    const answer = answerOf(result);
    logRequest(request, answer, attempt, performance.now() - sent);
    if (answer.kind === "throttled" || (answer.kind === "unexpected" && answer.status === 429)) {
      this.#pacer.throttled(sent, retryAfter(result.headers["retry-after"]));
    } else if (answer.kind === "success") {
      this.#pacer.answered();
    }
    return { exchange: result, answer };
  }
}

function requestOf(call: Call<unknown>, place: Place, key: string): Request {
  return {
    method: call.method,
    url: new URL(`${place.baseUrl}/${call.path.map(encodeURIComponent).join("/")}`),
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

/** Whether the same request may fare better later. */
function isPassing(answer: Answer): boolean {
  switch (answer.kind) {
    case "throttled":
    case "unavailable":
      return true;
    case "unexpected":
      return answer.broken || answer.status >= 500 || answer.status === 429 || answer.status === 408;
    case "lost":
      return !isCertificateProblem(answer.error);
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

/** The codes of OpenSSL's and Node's certificate checks, which no retry will change. */
function isCertificateProblem(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && /CERT|SELF_SIGNED|UNABLE_TO_/.test(error.code);
}

/** The id in a damaged answer to a create, wherever it was cut. */
function threadIdIn(body: string): string | undefined {
  return /"id"\s*:\s*"(thread_[\w-]+)"/.exec(body)?.[1];
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
