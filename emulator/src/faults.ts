import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";
import { describeFirstIssue } from "./validation";
import { type Verb, verbs } from "./verbs";

/** When a fault applies. A request meets the first fault of the list that applies to it. */
export interface FaultCondition {
  /** The call that it applies to. Default: every call. */
  verb?: Verb | undefined;
  /** How many requests meet it before it ends. Default: no end. */
  times?: number | undefined;
  /** The share of requests that meet it, from 0 to 1, drawn from `seed`. Default: 1. */
  probability?: number | undefined;
}

/**
 * A failure on demand.
 *
 * - `error`: an error in the dialect of the API that was called. The code is `InternalError` by default.
 * - `delay`: the emulator does the work at once and sends the answer `ms` milliseconds later.
 * - `dropBefore`: the emulator cuts the connection before any work.
 * - `dropAfter`: the emulator does the work and cuts the connection without an answer.
 * - `truncate`: the emulator does the work, sends half of the body and cuts the connection.
 * - `html`: the HTML page of a proxy.
 * - `trickle`: the emulator does the work and sends one byte a second.
 * - `endless`: the emulator does the work and never stops sending.
 * - `hang`: the emulator never answers and keeps the connection open.
 * - `body`: any answer. The body is sent as it is, as `application/json` by default.
 * - `idleClose`: the answer is good, and the connection is closed without notice after `ms` milliseconds without a request.
 *
 * `work` says whether the emulator does the work before it answers. Default: false.
 * @example
 * { kind: "error", status: 429, code: "Throttling", retryAfter: "2", verb: "create", times: 3 }
 */
export type Fault = FaultCondition &
  (
    | {
        kind: "error";
        status: number;
        code?: string | undefined;
        message?: string | undefined;
        /** The `Retry-After` header: seconds or an HTTP date. */
        retryAfter?: string | undefined;
        work?: boolean | undefined;
      }
    | { kind: "delay" | "idleClose"; ms: number }
    | { kind: "dropBefore" | "dropAfter" | "truncate" | "trickle" | "endless" }
    | { kind: "html"; status: number; work?: boolean | undefined }
    | { kind: "hang"; work?: boolean | undefined }
    | {
        kind: "body";
        status: number;
        body: string;
        headers?: Record<string, string> | undefined;
        work?: boolean | undefined;
      }
  );

const status = z
  .int({ error: "must be an HTTP status from 200 to 599." })
  .min(200, "must be an HTTP status from 200 to 599.")
  .max(599, "must be an HTTP status from 200 to 599.");
const milliseconds = z
  .number({ error: "must be a number of milliseconds." })
  .min(0, "must be a number of milliseconds.")
  .max(2 ** 31 - 1, "must be a number of milliseconds.");
const text = z.string({ error: "must be a string." });
const flag = z.boolean({ error: "must be true or false." });
const headers = z
  .record(z.string(), text, { error: "must be an object of HTTP headers." })
  .refine((given) => Object.entries(given).every(isHeader), "must be an object of HTTP headers.");
const headerValue = z
  .string({ error: "must be the text of an HTTP header." })
  .refine((value) => isHeader(["retry-after", value]), "must be the text of an HTTP header.");

const condition = {
  verb: z.enum(verbs, { error: `must be one of ${verbs.join(", ")}.` }).optional(),
  times: z
    .int({ error: "must be a whole number from 1." })
    .min(1, "must be a whole number from 1.")
    .optional(),
  probability: z
    .number({ error: "must be a number from 0 to 1." })
    .min(0, "must be a number from 0 to 1.")
    .max(1, "must be a number from 0 to 1.")
    .optional(),
};

const work = flag.optional();

const kinds = [
  z.strictObject({
    kind: z.literal("error"),
    status,
    code: text.optional(),
    message: text.optional(),
    retryAfter: headerValue.optional(),
    work,
    ...condition,
  }),
  z.strictObject({ kind: z.literal("delay"), ms: milliseconds, ...condition }),
  z.strictObject({ kind: z.literal("dropBefore"), ...condition }),
  z.strictObject({ kind: z.literal("dropAfter"), ...condition }),
  z.strictObject({ kind: z.literal("truncate"), ...condition }),
  z.strictObject({ kind: z.literal("html"), status, work, ...condition }),
  z.strictObject({ kind: z.literal("trickle"), ...condition }),
  z.strictObject({ kind: z.literal("endless"), ...condition }),
  z.strictObject({ kind: z.literal("hang"), work, ...condition }),
  z.strictObject({
    kind: z.literal("body"),
    status,
    body: text,
    headers: headers.optional(),
    work,
    ...condition,
  }),
  z.strictObject({ kind: z.literal("idleClose"), ms: milliseconds, ...condition }),
] as const;

const kindNames = kinds.map(({ shape }) => shape.kind.value).join(", ");

const faultsSchema: z.ZodType<Fault[]> = z.array(
  z.discriminatedUnion("kind", kinds, {
    error: ({ input }) =>
      typeof input === "object" && input !== null ? `must be one of ${kindNames}.` : "must be an object.",
  }),
  { error: "must be a JSON array of objects." },
);

/** Whether the work of a request that meets the fault is done. */
export function doesWork(fault: Fault): boolean {
  switch (fault.kind) {
    case "error":
    case "html":
    case "hang":
    case "body":
      return fault.work ?? false;
    case "dropBefore":
      return false;
    default:
      return true;
  }
}

/** The faults in force, and how often each still applies. */
export class Faults {
  #faults: Fault[] = [];
  readonly #random: () => number;

  /** @param seed what `probability` is drawn from: equal seeds and requests meet equal faults. */
  constructor(faults: readonly Fault[], seed: number) {
    this.#random = createRandom(seed);
    this.set(faults);
  }

  /** Replaces all of them. */
  set(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ ...fault }));
  }

  /** Those that still apply, each with what is left of its `times`. */
  list(): Fault[] {
    return this.#faults.map((fault) => ({ ...fault }));
  }

  /** Takes the fault that a request for `verb` meets, and counts it. */
  take(verb: Verb | undefined): Fault | undefined {
    const fault = this.#faults.find(
      (candidate) =>
        (candidate.verb === undefined || candidate.verb === verb) &&
        (candidate.probability === undefined || this.#random() < candidate.probability),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      this.#faults = this.#faults.filter(({ times }) => times !== 0);
    }
    return fault;
  }
}

/** Mulberry32: small, seeded, and even enough to draw faults from. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Parses faults from the command line, from `PUT /_emulator/faults` or from a program.
 * @throws Error that names the field that is wrong.
 */
export function parseFaults(value: unknown): Fault[] {
  const { data, error } = faultsSchema.safeParse(value);
  if (error) throw new Error(describeFirstIssue(error, "faults"));
  return data;
}

function isHeader([name, value]: [name: string, value: string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
