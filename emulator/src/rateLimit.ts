import { ApiError } from "./errors";
import { checkFields, type Fields } from "./fields";

/** How many requests are let through; the rest is refused before any work. */
export interface RateLimit {
  /** Requests a second, over time; above 0. */
  requestsPerSecond: number;
  /** Requests that may come at once after a pause, from 1. Default: one second's worth, at least 1. */
  burst?: number;
  /** Tells the client how many whole seconds to wait, in `Retry-After`. Default false, as DashScope documents none. */
  retryAfter?: boolean;
}

/** What a {@link RateLimit} may hold, as a fault too. */
export const rateLimitFields: Fields = {
  required: { requestsPerSecond: "rate" },
  optional: { burst: "burst", retryAfter: "flag" },
};

/** Lets a request pass, or throws the documented 429. */
export type RateCheck = () => void;

/**
 * @param limit undefined lets every request pass.
 * @throws Error naming the field that is wrong.
 */
export function rateCheck(limit: RateLimit | undefined): RateCheck {
  if (limit === undefined) return () => {};
  checkFields(limit, rateLimitFields, "rateLimit");
  const bucket = new TokenBucket(limit);
  return () => {
    if (!bucket.take()) throw throttled(limit);
  };
}

/** The answer to a request over the limit. */
export function throttled({ requestsPerSecond, retryAfter }: RateLimit): ApiError {
  return new ApiError(
    429,
    "Throttling.RateQuota",
    "Requests rate limit exceeded, please try again later.",
    retryAfter ? String(Math.ceil(1 / requestsPerSecond)) : undefined,
  );
}

/** Holds a burst of requests and is refilled continuously. */
export class TokenBucket {
  readonly #perMillisecond: number;
  readonly #capacity: number;
  #tokens: number;
  #filledAt = performance.now();

  constructor({ requestsPerSecond, burst }: RateLimit) {
    this.#perMillisecond = requestsPerSecond / 1000;
    this.#capacity = burst ?? Math.max(1, requestsPerSecond);
    this.#tokens = this.#capacity;
  }

  /** Whether one more request is within the limit, which then counts. */
  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#filledAt) * this.#perMillisecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
