import * as z from "../zod";
import { type Exchange, headerOf } from "./exchange";

/** What an exchange says about the call, in the terms a caller decides by. */
export type Answer =
  | { readonly kind: "success"; readonly status: number; readonly body: unknown; readonly requestId?: string }
  | RefusedAnswer
  | UnexpectedAnswer
  | { readonly kind: "lost"; readonly error: Error };

/** DashScope's own no. */
export interface RefusedAnswer {
  readonly kind: Refusal;
  readonly status: number;
  readonly apiCode: string;
  readonly apiMessage: string;
  readonly requestId?: string;
}

/** An answer that DashScope cannot have meant: broken on the way, or somebody else's. */
export interface UnexpectedAnswer {
  readonly kind: "unexpected";
  readonly status: number;
  /** What ended it in the middle; absent when it came whole. */
  readonly error?: Error;
  /** What is wrong with it, as a clause. */
  readonly what: string;
  readonly requestId?: string;
}

/** The ways in which DashScope itself says no. */
export type Refusal =
  | "gone"
  | "workspace"
  | "authentication"
  | "permission"
  | "billing"
  | "throttled"
  | "unavailable"
  | "refused";

// Flat, in every documented error and in the captured ones.
const errorBody = z.object({ code: z.string(), message: z.string() });
const anyBody = z.object({ request_id: z.string() });

// The reference's error table; a missing thread is a 400 there, not a 404.
const goneText = "The specified thread has been deleted or does not exist.";
const billingCodes = ["CommodityNotPurchased", "PrepaidBillOverdue", "PostpaidBillOverdue", "Arrearage"];

/** Reads an exchange as an answer of DashScope's. */
export function answerOf(exchange: Exchange): Answer {
  const { status, error } = exchange;
  if (status === undefined) return { kind: "lost", error: error ?? new Error("no answer") };
  const body = parsed(exchange.body);
  const requestId = requestIdOf(body, exchange);
  const unexpected = (what: string): UnexpectedAnswer => {
    return {
      kind: "unexpected",
      status,
      ...(error && { error }),
      what: `HTTP ${status}${what}`,
      ...requestId,
    };
  };
  if (error) return unexpected(`, then ${describe(error)}`);

  // A captured 401 had no Content-Type at all: the body alone decides.
  if (status >= 200 && status < 300) {
    return body === undefined
      ? unexpected(" with a body that is not JSON")
      : { kind: "success", status, body, ...requestId };
  }
  if (status < 400) return unexpected(", a redirect, which is not followed");
  const said = errorBody.safeParse(body);
  if (!said.success) return unexpected(" with a body that is not a DashScope error");
  const { code: apiCode, message: apiMessage } = said.data;
  return { kind: refusalOf(status, apiCode, apiMessage), status, apiCode, apiMessage, ...requestId };
}

function refusalOf(status: number, code: string, message: string): Refusal {
  if (status === 400 && code === "InvalidParameter" && message.trim() === goneText) return "gone";
  if (status === 404 && code === "NotFound") return "gone";
  if (code === "WorkSpaceNotFound") return "workspace";
  if (status === 401) return "authentication";
  if (billingCodes.includes(code)) return "billing";
  if (status === 429 && /^(Throttling(\.|$)|LimitRequests$)/.test(code)) return "throttled";
  if (status === 403) return "permission";
  if (status >= 500 || status === 408) return "unavailable";
  return "refused";
}

/** A short clause on a broken connection: its message, with the code that can be looked up. */
export function describe(error: Error): string {
  const cause = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  const message = cause.message || "the connection broke";
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** It is printed and stored, so it must be a short plain word whoever sent it, and not look like a key. */
function requestIdOf(body: unknown, exchange: Exchange): { requestId?: string } {
  const inBody = anyBody.safeParse(body).data?.request_id;
  const requestId = [inBody, headerOf(exchange, "x-request-id")].find(
    (id) => id !== undefined && /^(?!sk-)[\w.-]{1,80}$/.test(id),
  );
  return requestId === undefined ? {} : { requestId };
}
