import { type OutcomeName, outcomes } from "./outcomes";

/** An error of this package: what failed and why, what to do, and a stable code in brackets. */
export class DashScopeError extends Error {
  /** Stable across versions, such as `DASHSCOPE_ERR_CONFIGURATION`. */
  readonly code: string;
  /** What failed and why, and what to do, without the code. Contains no key, message or metadata value. */
  readonly sentences: string;

  constructor(code: string, sentences: string) {
    super(`${sentences} [${code}]`);
    this.code = code;
    this.sentences = sentences;
  }
}

/** A setting or an argument that can't be right. Nothing was sent. */
export class ConfigurationError extends DashScopeError {
  constructor(sentences: string) {
    super("DASHSCOPE_ERR_CONFIGURATION", sentences);
  }
}

/** What is known about a request that failed. Every field is safe to show. */
export interface Failure {
  /** What was tried, after "Could not": `create a thread`. */
  readonly action: string;
  readonly baseUrl: string;
  /** What came back or went wrong, as a clause: `HTTP 401 InvalidApiKey "Invalid API-key provided."`. */
  readonly reason: string;
  /** The HTTP status, if an answer came. */
  readonly status?: number | undefined;
  /** DashScope's own `code`, if the answer was DashScope's. */
  readonly apiCode?: string | undefined;
  /** DashScope's `request_id`, which Alibaba Cloud support asks for. */
  readonly requestId?: string | undefined;
}

/** A request that didn't succeed. */
export class RequestError extends DashScopeError {
  readonly outcome: OutcomeName;
  readonly failure: Failure;
  readonly status: number | undefined;
  readonly apiCode: string | undefined;
  readonly requestId: string | undefined;

  /** @param advice what to do; default: what the table of outcomes says */
  constructor(outcome: OutcomeName, failure: Failure, advice: string = outcomes[outcome].advice) {
    super(outcomes[outcome].code, `${describeFailure(failure)} ${advice}`);
    this.outcome = outcome;
    this.failure = failure;
    this.status = failure.status;
    this.apiCode = failure.apiCode;
    this.requestId = failure.requestId;
  }
}

/** Whether an error is DashScope's answer that something doesn't exist. Another account's key gets the same answer. */
export function isGone(error: unknown): error is RequestError {
  return error instanceof RequestError && error.outcome === "gone";
}

/**
 * A create that was sent and has no certain answer: something may exist that nothing refers to, because DashScope has no list and
 * no idempotency key. It's never sent again.
 */
export class CreateUncertainError extends DashScopeError {
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** When the request left. */
  readonly sentAt: Date;
  readonly failure: Failure;
  /** The ID, if a part of the answer names it. */
  readonly createdId: string | undefined;

  constructor(noun: string, failure: Failure, sentAt: Date, createdId: string | undefined) {
    const evidence = failure.requestId === undefined ? "the time" : "the time and the request ID";
    const sent = {
      ...failure,
      reason: `${failure.reason}, after the request was sent at ${sentAt.toISOString()}`,
    };
    super(
      "DASHSCOPE_ERR_CREATE_UNCERTAIN",
      createdId === undefined
        ? `${describeFailure(sent)} DashScope may have created a ${noun} that nothing refers to, and can't list it. If it matters, contact Alibaba Cloud support with ${evidence}. The request wasn't sent again.`
        : `${describeFailure(sent)} DashScope created the ${noun} \`${createdId}\`. To keep it, set \`adoptId\` to this ID. Otherwise, delete it. The request wasn't sent again.`,
    );
    this.status = failure.status;
    this.requestId = failure.requestId;
    this.sentAt = sentAt;
    this.failure = failure;
    this.createdId = createdId;
  }
}

function describeFailure({ action, baseUrl, reason, requestId }: Failure): string {
  const id = requestId === undefined ? "" : ` (request ID ${requestId})`;
  return `Could not ${action} at ${baseUrl}: ${reason}${id}.`;
}
