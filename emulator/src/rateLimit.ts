import { z } from "zod";
import { Throttled } from "./errors";
import { createNumberSchema, describeFirstIssue } from "./validation";

/** The fields of a {@link RateLimit}, as options of the command too. */
export const rateLimitFields = {
  /** Requests a second, over time; above 0. */
  requestsPerSecond: z.number({ error: "must be a number above 0." }).positive("must be a number above 0."),
  /** Requests that may come at once after a pause, from 1. Default: one second's worth, at least 1. */
  burst: createNumberSchema("must be a number from 1.", 1).optional(),
  /** Tells the client how many whole seconds to wait, in `Retry-After`. Default false, as DashScope documents none. */
  retryAfter: z.boolean({ error: "must be true or false." }).optional(),
};

const rateLimitSchema = z.strictObject(rateLimitFields, { error: "must be an object." });

/** How many requests are let through; the emulator refuses the rest before any work. */
export type RateLimit = z.infer<typeof rateLimitSchema>;

/** Lets a request pass, or throws the documented 429. */
export type RateCheck = () => void;

/**
 * Creates the check for a limit; undefined lets every request pass.
 * @throws Error that names the field that is wrong.
 */
export function createRateCheck(limit: RateLimit | undefined): RateCheck {
  if (limit === undefined) return () => {};
  const { data, error } = rateLimitSchema.safeParse(limit);
  if (error) throw new Error(describeFirstIssue(error, "rateLimit"));
  const { requestsPerSecond, burst = Math.max(1, requestsPerSecond), retryAfter } = data;
  let tokens = burst;
  let filledAt = performance.now();
  return () => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * requestsPerSecond);
    filledAt = now;
    if (tokens < 1) throw new Throttled(retryAfter ? String(Math.ceil(1 / requestsPerSecond)) : undefined);
    tokens -= 1;
  };
}
