import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";
import { createNumberSchema, createWholeNumberSchema, describeFirstIssue } from "./validation";
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

const text = z.string({ error: "must be a string." });
const status = createWholeNumberSchema("must be an HTTP status from 200 to 599.", 200, 599);
const ms = createNumberSchema("must be a number of milliseconds.", 0, 2 ** 31 - 1);
const work = z.boolean({ error: "must be true or false." }).optional();

const condition = {
  verb: z.enum(verbs, { error: `must be one of ${verbs.join(", ")}.` }).optional(),
  times: createWholeNumberSchema("must be a whole number from 1.", 1).optional(),
  probability: createNumberSchema("must be a number from 0 to 1.", 0, 1).optional(),
};

const kinds = [
  z.strictObject({
    kind: z.literal("error"),
    status,
    code: text.optional(),
    message: text.optional(),
    retryAfter: z
      .string({ error: "must be the text of an HTTP header." })
      .refine((value) => isHeader(["retry-after", value]), "must be the text of an HTTP header.")
      .optional(),
    work,
    ...condition,
  }),
  z.strictObject({ kind: z.literal(["delay", "idleClose"]), ms, ...condition }),
  z.strictObject({
    kind: z.literal(["dropBefore", "dropAfter", "truncate", "trickle", "endless"]),
    ...condition,
  }),
  z.strictObject({ kind: z.literal("html"), status, work, ...condition }),
  z.strictObject({ kind: z.literal("hang"), work, ...condition }),
  z.strictObject({
    kind: z.literal("body"),
    status,
    body: text,
    headers: z
      .record(z.string(), text, { error: "must be an object of HTTP headers." })
      .refine((given) => Object.entries(given).every(isHeader), "must be an object of HTTP headers.")
      .optional(),
    work,
    ...condition,
  }),
] as const;

const kindNames = kinds.flatMap(({ shape }) => [...shape.kind.values]).join(", ");

const faultSchema = z.discriminatedUnion("kind", kinds, {
  error: ({ input }) =>
    typeof input === "object" && input !== null ? `must be one of ${kindNames}.` : "must be an object.",
});

const faultsSchema: z.ZodType<Fault[]> = z.array(faultSchema, { error: "must be a JSON array of objects." });

/**
 * Parses faults from the command line, from `PUT /_emulator/faults` or from a program.
 * @throws Error that names the field that is wrong.
 */
export function parseFaults(value: unknown): Fault[] {
  const { data, error } = faultsSchema.safeParse(value);
  if (error) throw new Error(describeFirstIssue(error, "faults"));
  return data;
}

/** Whether the emulator does the work of a request that meets the fault. */
export function doesWork(fault: Fault): boolean {
  switch (fault.kind) {
    case "error":
    case "html":
    case "hang":
    case "body":
      return fault.work ?? false;
    default:
      return fault.kind !== "dropBefore";
  }
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
