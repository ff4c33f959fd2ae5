import * as z from "../zod";
import { AttemptTimeout, BodyTooLarge, type Exchange, getHeader } from "./exchange";
import type { OutcomeName } from "./outcomes";
import { isShowableId, redactText, repeatsSecret } from "./redaction";
import type { Api } from "./url";

/** What an exchange means to the caller. Every text in it is safe to show. */
export type Answer = Success | Failed;

/** A 2xx answer with a JSON body. */
export interface Success {
  readonly kind: "success";
  readonly status: number;
  readonly body: unknown;
  readonly requestId: string | undefined;
}

/** Any other end of a request. */
export interface Failed {
  readonly kind: "failed";
  readonly outcome: OutcomeName;
  /** As a clause. */
  readonly reason: string;
  readonly status: number | undefined;
  readonly apiCode: string | undefined;
  readonly requestId: string | undefined;
}

// Native endpoints answer flat errors. Compatible mode puts the error inside `error`, with `request_id` beside it.
const flatError = z.object({ code: z.string(), message: z.string() });
const nestedError = z.object({
  error: z.object({ message: z.string(), code: z.optional(z.unknown()), type: z.optional(z.unknown()) }),
});
const anyBody = z.object({ request_id: z.string() });

// From the reference's table of errors. A missing thread is a 400 there. A 404 is what a wrong path answers, so it proves nothing.
const threadGone = "The specified thread has been deleted or does not exist.";
// Not documented. OpenAI answers a 404 with an error in the body, and a wrong path is answered with a 404 that has no body.
const otherMissing = ["WorkSpaceNotFound", "ModelNotFound", "model_not_found"];
const conversationGone = /\bconversation\b.*(not found|does not exist|deleted)/i;
const billingCodes = [
  "CommodityNotPurchased",
  "PrepaidBillOverdue",
  "PostpaidBillOverdue",
  "Arrearage",
  "insufficient_quota",
];

/**
 * Reads an exchange as an answer of DashScope.
 *
 * @param secrets what the answer must not repeat: the key, message contents and metadata values
 */
export function parseAnswer(exchange: Exchange, api: Api, secrets: readonly string[]): Answer {
  const { status, error } = exchange;
  const body = parseJson(exchange.body);
  const requestId = findRequestId(body, exchange, secrets);
  const fail = (outcome: OutcomeName, reason: string, apiCode?: string): Failed => {
    return { kind: "failed", outcome, reason, status, apiCode, requestId };
  };

  if (status === undefined || error !== undefined) {
    const what = redactText(describeError(error ?? new Error("no answer")));
    return fail(classifyError(error), status === undefined ? what : `HTTP ${status}, then ${what}`);
  }
  // A captured 401 had no Content-Type, so the body alone decides.
  if (status >= 200 && status < 300) {
    return body === undefined
      ? fail("foreign", `HTTP ${status} with a body that isn't JSON`)
      : { kind: "success", status, body, requestId };
  }
  if (status < 400) return fail("foreign", `HTTP ${status}, a redirect, which the client doesn't follow`);
  const refusal = parseRefusal(body);
  if (refusal === undefined) {
    const temporary = status >= 500 || status === 429 || status === 408;
    return fail(
      temporary ? "foreignTemporary" : "foreign",
      `HTTP ${status} with a body that isn't a DashScope error`,
    );
  }
  const { code, message } = refusal;
  const withheld = repeatsSecret(code, secrets) || repeatsSecret(message, secrets);
  const shown = withheld
    ? "with a message that repeats a part of the request"
    : `${redactText(code)} "${redactText(message)}"`;
  return fail(
    classifyRefusal(status, refusal, api),
    `HTTP ${status} ${shown}`,
    withheld ? undefined : redactText(code),
  );
}

/** An error that DashScope returned. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  /** Whether it came inside `error`, as in compatible mode. */
  readonly isNested: boolean;
}

function classifyRefusal(status: number, refusal: Refusal, api: Api): OutcomeName {
  const { code } = refusal;
  if (api === "native" ? isThreadGone(status, refusal) : isConversationGone(status, refusal)) return "gone";
  if (code === "WorkSpaceNotFound") return "workspace";
  if (status === 401) return "authentication";
  if (billingCodes.includes(code)) return "billing";
  if (status === 429)
    return /^(Throttling(\.|$)|LimitRequests$|limit_requests$)/.test(code) ? "throttled" : "refused";
  if (status === 403) return "permission";
  if (status >= 500 || status === 408) return "unavailable";
  // Only a wrong base URL leads to a path that DashScope doesn't know.
  return status === 404 ? "foreign" : "refused";
}

function isThreadGone(status: number, { code, message }: Refusal): boolean {
  return status === 400 && code === "InvalidParameter" && message.trim() === threadGone;
}

function isConversationGone(status: number, { code, message, isNested }: Refusal): boolean {
  if (!isNested) return false;
  if (status === 404) return !otherMissing.includes(code);
  return status === 400 && conversationGone.test(message);
}

/** A broken connection or answer. */
function classifyError(error: Error | undefined): OutcomeName {
  if (error instanceof AttemptTimeout) return "timeout";
  if (error instanceof BodyTooLarge) return "foreignTemporary";
  // The codes of OpenSSL's and Node's certificate checks, and of undici for a request that it can't send.
  const permanent = /CERT|SELF_SIGNED|UNABLE_TO_|^UND_ERR_INVALID_ARG$/;
  const code = error !== undefined && "code" in error && typeof error.code === "string" ? error.code : "";
  return permanent.test(code) ? "connectionPermanent" : "connection";
}

function parseRefusal(body: unknown): Refusal | undefined {
  const flat = flatError.safeParse(body);
  if (flat.success) return { ...flat.data, isNested: false };
  const { data } = nestedError.safeParse(body);
  if (data === undefined) return undefined;
  const code = [data.error.code, data.error.type].find((name) => typeof name === "string");
  return { code: typeof code === "string" ? code : "", message: data.error.message, isNested: true };
}

/** Describes a broken connection in a clause: its message, with the code that can be looked up. */
function describeError(error: Error): string {
  const cause = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  const message = cause.message || "the connection broke";
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** It's printed and stored, so it must be a short plain word that doesn't look like a key and repeats no secret. */
function findRequestId(body: unknown, exchange: Exchange, secrets: readonly string[]): string | undefined {
  const inBody = anyBody.safeParse(body).data?.request_id;
  return [inBody, getHeader(exchange, "x-request-id")].find(
    (id) => id !== undefined && /^(?!sk-)[\w.-]{1,80}$/.test(id) && isShowableId(id, secrets),
  );
}
