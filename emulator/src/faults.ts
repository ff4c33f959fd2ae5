import { checkFields, type Fields, type FieldType, wrongField } from "./fields";
import { type RateLimit, rateLimitFields, TokenBucket } from "./rateLimit";
import type { Verb } from "./verbs";

/** When a fault strikes. The first of the list that applies to a request is the one that it meets. */
export interface FaultCondition {
  /** The call it strikes. Default: every one. */
  verb?: Verb;
  /** How many requests it strikes, after which it is gone. Default: for ever. */
  times?: number;
  /** The share of requests it strikes, from 0 to 1, drawn from `seed`. Default: 1. */
  probability?: number;
}

/**
 * An error as DashScope would answer it. `work: true` does the work first, so that a thread exists that the client was
 * told does not.
 * @example { kind: "error", status: 429, code: "Throttling", retryAfter: "2", verb: "create", times: 3 }
 */
export interface ErrorFault extends FaultCondition {
  kind: "error";
  /** The HTTP status, 200 to 599. */
  status: number;
  /** Default: `InternalError`. */
  code?: string;
  /** Default: `Injected by the emulator.` */
  message?: string;
  /** The `Retry-After` header: seconds or an HTTP date. Default: none. */
  retryAfter?: string;
  /** Whether the work is done before the error is answered. Default: false. */
  work?: boolean;
}

/**
 * The work is done at once and the answer held back.
 * @example { kind: "delay", ms: 2000, verb: "retrieve" }
 */
export interface DelayFault extends FaultCondition {
  kind: "delay";
  /** How long the answer is held back, in milliseconds. */
  ms: number;
}

/**
 * The connection is cut before any work.
 * @example { kind: "dropBefore", verb: "create", times: 1 }
 */
export interface DropBeforeFault extends FaultCondition {
  kind: "dropBefore";
}

/**
 * The work is done and the connection cut without an answer.
 * @example { kind: "dropAfter", verb: "create", times: 1 }
 */
export interface DropAfterFault extends FaultCondition {
  kind: "dropAfter";
}

/**
 * The work is done, half of the body sent, and the connection cut: short of the announced content-length.
 * @example { kind: "truncate", verb: "create", times: 1 }
 */
export interface TruncateFault extends FaultCondition {
  kind: "truncate";
}

/**
 * The HTML page of a proxy in between.
 * @example { kind: "html", status: 502, times: 2 }
 */
export interface HtmlFault extends FaultCondition {
  kind: "html";
  /** The HTTP status, 200 to 599. */
  status: number;
  /** Whether the work is done before the page is answered. Default: false. */
  work?: boolean;
}

/**
 * The work is done and the body sent one byte a second.
 * @example { kind: "trickle", verb: "retrieve", times: 1 }
 */
export interface TrickleFault extends FaultCondition {
  kind: "trickle";
}

/**
 * The work is done and the body never ends: it is sent as fast as the client reads it.
 * @example { kind: "endless", verb: "retrieve", times: 1 }
 */
export interface EndlessFault extends FaultCondition {
  kind: "endless";
}

/**
 * The request is read and never answered; the connection stays open.
 * @example { kind: "hang", verb: "create", work: true }
 */
export interface HangFault extends FaultCondition {
  kind: "hang";
  /** Whether the work is done before the silence. Default: false. */
  work?: boolean;
}

/**
 * Any answer at all.
 * @example { kind: "body", status: 200, body: "{\"id\": 7}", work: true, verb: "create" }
 */
export interface BodyFault extends FaultCondition {
  kind: "body";
  /** The HTTP status, 200 to 599. */
  status: number;
  /** The body, sent as it is. */
  body: string;
  /** Further headers. Default: `content-type: application/json`. */
  headers?: Record<string, string>;
  /** Whether the work is done before the answer. Default: false. */
  work?: boolean;
}

/**
 * The answer is good; its keep-alive connection is closed, unannounced, when no request has followed for `ms`.
 * @example { kind: "idleClose", ms: 50 }
 */
export interface IdleCloseFault extends FaultCondition {
  kind: "idleClose";
  /** How long the connection may be idle, in milliseconds; 0 closes it right after the answer. */
  ms: number;
}

/**
 * The requests over a rate are refused before any work, with 429 `Throttling.RateQuota`; `times` counts the refusals.
 * @example { kind: "rateLimit", requestsPerSecond: 10, burst: 1, retryAfter: true, verb: "create" }
 */
export interface RateLimitFault extends FaultCondition, RateLimit {
  kind: "rateLimit";
}

/** Something going wrong on demand. */
export type Fault =
  | ErrorFault
  | DelayFault
  | DropBeforeFault
  | DropAfterFault
  | TruncateFault
  | HtmlFault
  | TrickleFault
  | EndlessFault
  | HangFault
  | BodyFault
  | IdleCloseFault
  | RateLimitFault;

/** Whether the work of a request that meets the fault is done. */
export function doesWork(fault: Fault): boolean {
  switch (fault.kind) {
    case "error":
    case "html":
    case "hang":
    case "body":
      return fault.work ?? false;
    case "dropBefore":
    case "rateLimit":
      return false;
    default:
      return true;
  }
}

/** The faults in force, and how often each is still to strike. */
export class Faults {
  #faults: Fault[] = [];
  #buckets = new Map<Fault, TokenBucket>();
  readonly #random: () => number;

  /** @param seed what `probability` is drawn from: equal seeds and requests meet equal faults. */
  constructor(faults: readonly Fault[], seed: number) {
    this.#random = randomNumbers(seed);
    this.set(faults);
  }

  /** Replaces all of them. */
  set(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ ...fault }));
    this.#buckets = new Map(
      this.#faults.flatMap((fault) => (fault.kind === "rateLimit" ? [[fault, new TokenBucket(fault)]] : [])),
    );
  }

  /** Those that can still strike, each with what is left of its `times`. */
  list(): Fault[] {
    return this.#faults.map((fault) => ({ ...fault }));
  }

  /** The fault that a request for `verb` meets, counted as used. */
  strike(verb: Verb | undefined): Fault | undefined {
    const fault = this.#faults.find(
      (candidate) =>
        (candidate.verb === undefined || candidate.verb === verb) &&
        (candidate.probability === undefined || this.#random() < candidate.probability) &&
        !this.#buckets.get(candidate)?.take(),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      this.#faults = this.#faults.filter(({ times }) => times !== 0);
    }
    return fault;
  }
}

/** Mulberry32: small, seeded, and even enough to draw faults from. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const condition: Record<string, FieldType> = { verb: "verb", times: "count", probability: "share" };

const kinds: Record<Fault["kind"], Fields> = {
  error: {
    required: { status: "status" },
    optional: { code: "text", message: "text", retryAfter: "header", work: "flag" },
  },
  delay: { required: { ms: "milliseconds" } },
  dropBefore: {},
  dropAfter: {},
  truncate: {},
  html: { required: { status: "status" }, optional: { work: "flag" } },
  trickle: {},
  endless: {},
  hang: { optional: { work: "flag" } },
  body: {
    required: { status: "status", body: "text" },
    optional: { headers: "headers", work: "flag" },
  },
  idleClose: { required: { ms: "milliseconds" } },
  rateLimit: rateLimitFields,
};

/**
 * Reads faults that came from outside: the command line or `PUT /_emulator/faults`.
 * @throws Error naming the field, what was given and what is right.
 */
export function readFaults(value: unknown): Fault[] {
  if (!Array.isArray(value)) throw new Error("Faults must be a JSON array of objects.");
  return value.map((fault: unknown, index) => {
    assertFault(fault, `faults[${index}]`);
    return fault;
  });
}

function assertFault(fault: unknown, where: string): asserts fault is Fault {
  if (typeof fault !== "object" || fault === null) throw new Error(`${where} must be an object.`);
  const { kind, ...given }: { kind?: unknown } = fault;
  const fields = Object.entries(kinds).find(([name]) => name === kind)?.[1];
  if (fields === undefined)
    throw wrongField(`${where}.kind`, kind, `one of ${Object.keys(kinds).join(", ")}`);
  checkFields(given, { ...fields, optional: { ...condition, ...fields.optional } }, where);
}
