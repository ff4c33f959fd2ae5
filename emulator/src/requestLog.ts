import type { Fault } from "./faults";
import { parseJson } from "./json";
import type { Verb } from "./verbs";

/** One request to the API as the emulator saw it. The API key is never in it. */
export interface SeenRequest {
  /** When it arrived, in milliseconds since the epoch. */
  at: number;
  /** The HTTP method, in capital letters. */
  method: string;
  /** The path with its query, as sent. */
  path: string;
  /** Which documented call it is; absent for a path or method that is none. */
  verb?: Verb;
  /** The account of its key; absent for the default account and for a key that was refused. */
  account?: string;
  /** The workspace that it named, known or not. */
  workspace?: string;
  /**
   * What was sent: parsed where it is JSON, else the text. Cut at 16,384 characters, and then a text even if it was JSON.
   * Absent when nothing was sent or its end never came.
   */
  body?: unknown;
  /** The kind of the fault that it met, if any. */
  fault?: Fault["kind"];
  /** The status that was answered; absent as long as, or because, there was no answer. */
  status?: number;
  /** The error code that was answered. */
  code?: string;
  /** Equal to the answer's `X-Request-ID` and `request_id`. */
  requestId: string;
}

/** A {@link SeenRequest} on its way through the server, its body not yet parsed. */
export interface LoggedRequest extends Omit<SeenRequest, "body"> {
  rawBody?: string;
}

const KEPT_REQUESTS = 10_000;
const KEPT_BODY_CHARACTERS = 16_384;

/** The last requests, oldest first: {@link KEPT_REQUESTS} of them, so that a long run cannot fill the memory. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  add(request: LoggedRequest): void {
    this.#requests.push(request);
    // Cutting a batch off now and then is cheaper than shifting the whole array at every request.
    if (this.#requests.length >= 1.1 * KEPT_REQUESTS) this.#requests = this.#requests.slice(-KEPT_REQUESTS);
  }

  /** Keeps a body for the log, cut where it is very long. */
  setBody(request: LoggedRequest, body: unknown): void {
    if (typeof body === "string" && body !== "") request.rawBody = body.slice(0, KEPT_BODY_CHARACTERS);
  }

  /** The last `count` requests, oldest first. */
  last(count: number = KEPT_REQUESTS): SeenRequest[] {
    return this.#requests.slice(-count).map(({ rawBody, ...request }) => {
      return rawBody === undefined ? request : { ...request, body: parseJson(rawBody) ?? rawBody };
    });
  }

  clear(): void {
    this.#requests = [];
  }
}
