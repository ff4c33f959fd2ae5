import { ApiError } from "./errors";

/** How many requests are let through; the rest is refused before any work. */
export interface RateLimit {
  /** Requests a second, over time. */
  requestsPerSecond: number;
  /** Requests that may come at once after a pause. Default: one second's worth, at least 1. */
  burst?: number;
  /** Tells the client how many whole seconds to wait, in `Retry-After`. Default false, as DashScope documents none. */
  retryAfter?: boolean;
}

/** Lets a request pass, or throws the documented 429. */
export type RateCheck = () => void;

/** A token bucket: it holds `burst` requests and is refilled continuously. */
export function rateCheck({ requestsPerSecond, burst, retryAfter }: RateLimit): RateCheck {
  const capacity = burst ?? Math.max(1, requestsPerSecond);
  let tokens = capacity;
  let filledAt = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(capacity, tokens + ((now - filledAt) / 1000) * requestsPerSecond);
    filledAt = now;
    if (tokens >= 1) {
      tokens -= 1;
      return;
    }
    const seconds = Math.ceil((1 - tokens) / requestsPerSecond);
    throw new ApiError(
      429,
      "Throttling.RateQuota",
      "Requests rate limit exceeded, please try again later.",
      retryAfter ? String(seconds) : undefined,
    );
  };
}
