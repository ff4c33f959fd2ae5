import type { Fault } from "./faults";
import { parseJson } from "./json";
import type { Verb } from "./verbs";

/** One request to the API as the emulator saw it. The API key is never in it. */
export interface LoggedRequest {
  /** When it arrived, in milliseconds since the epoch. */
  at: number;
  /** The HTTP method, in capital letters. */
  method: string;
  /** The path with its query, as sent. */
  path: string;
  /** The documented call; absent for a path or method that is none. */
  verb?: Verb;
  /** The account of its key; absent for the default account and for a key that was refused. */
  account?: string;
  /** The workspace that it named, known or not. */
  workspace?: string;
  /**
   * The body: parsed if it's JSON, else the string. A body over 16,384 characters is cut there, and is then a string even if it was
   * JSON. Absent if nothing was sent or the body never ended.
   */
  body?: unknown;
  /** The kind of the fault that it met. */
  fault?: Fault["kind"];
  /** The status of the answer; absent while there is no answer. */
  status?: number;
  /** The error code of the answer. */
  code?: string;
  /** Equal to the answer's `X-Request-ID` and `request_id`. */
  requestId: string;
}

/** A {@link LoggedRequest} on its way through the server, before its body is parsed. */
export interface LogEntry extends Omit<LoggedRequest, "body"> {
  /** The start of the body: bytes of its own, because a slice of a string keeps the whole string in memory. */
  bodyStart?: Buffer;
}

const KEPT_REQUESTS = 10_000;
const KEPT_BODY_CHARACTERS = 16_384;
const KEPT_BODY_BYTES = 64 * 1024 * 1024;

/** The last requests, oldest first: at most 10,000 of them, with at most 64 MiB of bodies. */
export class RequestLog {
  #requests: LogEntry[] = [];
  /** The index of the oldest request that is kept. */
  #oldest = 0;
  #bodyBytes = 0;

  add(request: LogEntry): void {
    this.#requests.push(request);
    this.#dropOldest();
  }

  /** Keeps the start of a request's body. */
  setBody(request: LogEntry, body: unknown): void {
    if (typeof body !== "string" || body === "") return;
    request.bodyStart = Buffer.from(body.slice(0, KEPT_BODY_CHARACTERS));
    this.#bodyBytes += request.bodyStart.length;
    this.#dropOldest();
  }

  /** Returns the last `count` requests, oldest first. */
  last(count: number = KEPT_REQUESTS): LoggedRequest[] {
    return this.#requests.slice(this.#oldest).slice(-count).map(parseBody);
  }

  clear(): void {
    this.#requests = [];
    this.#oldest = 0;
    this.#bodyBytes = 0;
  }

  #dropOldest(): void {
    while (
      this.#requests.length - this.#oldest > KEPT_REQUESTS ||
      (this.#bodyBytes > KEPT_BODY_BYTES && this.#requests.length - this.#oldest > 1)
    ) {
      const dropped = this.#requests[this.#oldest++];
      this.#bodyBytes -= dropped?.bodyStart?.length ?? 0;
      delete dropped?.bodyStart;
    }
    // Cutting a batch off now and then is cheaper than shifting the whole array for every request.
    if (this.#oldest > KEPT_REQUESTS / 10) {
      this.#requests = this.#requests.slice(this.#oldest);
      this.#oldest = 0;
    }
  }
}

function parseBody({ bodyStart, ...request }: LogEntry): LoggedRequest {
  if (bodyStart === undefined) return request;
  const text = bodyStart.toString();
  return { ...request, body: parseJson(text) ?? text };
}
