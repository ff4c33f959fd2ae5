import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";
import { describeFirstIssue } from "./validation";
import { type Verb, verbs } from "./verbs";

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

/** When a fault applies. A request meets the first fault of the list that applies to it. */
const condition = {
  /** The call that it applies to. Default: every call. */
  verb: z.enum(verbs, { error: `must be one of ${verbs.join(", ")}.` }).optional(),
  /** How many requests meet it before it ends. Default: no end. */
  times: z
    .int({ error: "must be a whole number from 1." })
    .min(1, "must be a whole number from 1.")
    .optional(),
  /** The share of requests that meet it, from 0 to 1, drawn from `seed`. Default: 1. */
  probability: z
    .number({ error: "must be a number from 0 to 1." })
    .min(0, "must be a number from 0 to 1.")
    .max(1, "must be a number from 0 to 1.")
    .optional(),
};

/** Whether the emulator does the work before it answers. Default: false. */
const work = flag.optional();

const kinds = [
  /** An error as DashScope answers it. */
  z.strictObject({
    kind: z.literal("error"),
    status,
    /** Default: `InternalError`. */
    code: text.optional(),
    /** Default: `Injected by the emulator.` */
    message: text.optional(),
    /** The `Retry-After` header: seconds or an HTTP date. Default: none. */
    retryAfter: headerValue.optional(),
    work,
    ...condition,
  }),
  /** The emulator does the work at once and sends the answer later. */
  z.strictObject({ kind: z.literal("delay"), ms: milliseconds, ...condition }),
  /** The emulator cuts the connection before any work. */
  z.strictObject({ kind: z.literal("dropBefore"), ...condition }),
  /** The emulator does the work and cuts the connection without an answer. */
  z.strictObject({ kind: z.literal("dropAfter"), ...condition }),
  /** The emulator does the work, sends half of the body and cuts the connection. */
  z.strictObject({ kind: z.literal("truncate"), ...condition }),
  /** The HTML page of a proxy. */
  z.strictObject({ kind: z.literal("html"), status, work, ...condition }),
  /** The emulator does the work and sends one byte a second. */
  z.strictObject({ kind: z.literal("trickle"), ...condition }),
  /** The emulator does the work and never stops sending. */
  z.strictObject({ kind: z.literal("endless"), ...condition }),
  /** The emulator never answers and keeps the connection open. */
  z.strictObject({ kind: z.literal("hang"), work, ...condition }),
  /** Any answer: the body is sent as it is. */
  z.strictObject({
    kind: z.literal("body"),
    status,
    body: text,
    /** Default: `content-type: application/json`. */
    headers: headers.optional(),
    work,
    ...condition,
  }),
  /** The answer is good; the connection is closed without notice after `ms` without a request. */
  z.strictObject({ kind: z.literal("idleClose"), ms: milliseconds, ...condition }),
] as const;

const kindNames = kinds.map(({ shape }) => shape.kind.value).join(", ");

const faultsSchema = z.array(
  z.discriminatedUnion("kind", kinds, {
    error: ({ input }) =>
      typeof input === "object" && input !== null ? `must be one of ${kindNames}.` : "must be an object.",
  }),
  { error: "must be a JSON array of objects." },
);

/** A failure on demand. The README describes each kind with an example. */
export type Fault = z.infer<typeof faultsSchema>[number];

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
