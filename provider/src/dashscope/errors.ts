/** What is known about a call that failed; every field is safe to show. */
export interface Failure {
  /** What was tried, as in "could not …": `create a thread`, `update thread_1a2b`. */
  readonly action: string;
  readonly baseUrl: string;
  /** What came back or went wrong, as a clause: `HTTP 401 InvalidApiKey "Invalid API-key provided."`. */
  readonly outcome: string;
  /** The HTTP status of the answer; absent when none came. */
  readonly status?: number;
  /** DashScope's own `code`; absent when the answer was not DashScope's. */
  readonly apiCode?: string;
  /** DashScope's `request_id`, which the vendor's support asks for. */
  readonly requestId?: string;
}

/** Every error of this package: what happened, what to do, and a stable code. */
export abstract class DashScopeError extends Error {
  /** Stable across versions; it stands in brackets at the end of the message, too. */
  readonly code: string;

  constructor(code: string, sentences: string) {
    super(`${sentences} [${code}]`);
    this.code = code;
  }
}

/** An answer, or the lack of one, that ended a call. */
export abstract class CallError extends DashScopeError {
  readonly status: number | undefined;
  readonly apiCode: string | undefined;
  readonly requestId: string | undefined;

  constructor(code: string, failure: Failure, advice: string) {
    const id = failure.requestId === undefined ? "" : ` (request id ${failure.requestId})`;
    super(code, `Could not ${failure.action} at ${failure.baseUrl}: ${failure.outcome}${id}. ${advice}`);
    this.status = failure.status;
    this.apiCode = failure.apiCode;
    this.requestId = failure.requestId;
  }
}

/** A setting or argument that cannot be right; nothing was sent. */
export class ConfigurationError extends DashScopeError {
  constructor(sentence: string) {
    super("DASHSCOPE_ERR_CONFIGURATION", sentence);
  }
}

/** No API key in any of the places it may come from; nothing was sent. */
export class MissingKeyError extends DashScopeError {
  constructor(reason = "There is no DashScope API key.") {
    super(
      "DASHSCOPE_ERR_NO_KEY",
      `${reason} Set the environment variable DASHSCOPE_API_KEY, or, for a stack, run: pulumi config set --secret dashscope:apiKey`,
    );
  }
}

/** HTTP 401: the key is wrong, revoked, or of another region. */
export class AuthenticationError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_AUTHENTICATION",
      failure,
      "Check the key in DASHSCOPE_API_KEY or dashscope:apiKey, and that it belongs to this region (dashscope:region).",
    );
  }
}

/** HTTP 403: the key is good but may not do this. */
export class PermissionError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_PERMISSION",
      failure,
      "Check that the key may use this workspace (dashscope:workspace) and Model Studio's assistants.",
    );
  }
}

/** HTTP 404 `WorkSpaceNotFound`. */
export class WorkspaceError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_WORKSPACE",
      failure,
      "Check the workspace's id (the thread's workspace, dashscope:workspace or DASHSCOPE_WORKSPACE_ID) and that the key belongs to the same account and region.",
    );
  }
}

/** DashScope itself says that the thread has been deleted or never existed. */
export class ThreadGoneError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_THREAD_GONE",
      failure,
      "The thread no longer exists there: run `pulumi refresh` to drop it from the state, then `pulumi up` to create it anew.",
    );
  }
}

/** DashScope found the request itself wrong, or its content not allowed. */
export class RefusedError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_REFUSED",
      failure,
      "DashScope did not accept the request; correct what it names and run the command again.",
    );
  }
}

/** The account has to pay or order something first. Never retried, although often HTTP 429. */
export class BillingError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_BILLING",
      failure,
      "Settle the account's bill or order the service in Alibaba Cloud's console, then run the command again.",
    );
  }
}

/** The account stayed throttled, or DashScope asked to wait longer than the operation has time; it refused before any work. */
export class ThrottledError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_THROTTLED",
      failure,
      "Wait a minute and run the command again, or lower dashscope:maxConcurrency, or raise dashscope:operationTimeout.",
    );
  }
}

/** HTTP 5xx or 408, after the retries. */
export class ServiceError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_SERVICE",
      failure,
      "Run the command again; if it stays, give the request id to the vendor's support.",
    );
  }
}

/** An answer that is not DashScope's: a proxy's page, a redirect, a broken or endless body. */
export class UnexpectedAnswerError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_UNEXPECTED_ANSWER",
      failure,
      "That is not DashScope's answer: check dashscope:baseUrl, dashscope:region and any proxy (HTTPS_PROXY, NO_PROXY) in between.",
    );
  }
}

/** No answer, because the connection could not be made or broke. */
export class NetworkError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_NETWORK",
      failure,
      "Check the network, the address (dashscope:baseUrl, dashscope:region), any proxy (HTTPS_PROXY, NO_PROXY) and, for a certificate, NODE_EXTRA_CA_CERTS; if connecting is only slow, raise dashscope:connectTimeout. Then run the command again.",
    );
  }
}

/** No complete answer within the time allowed. */
export class TimeoutError extends CallError {
  constructor(failure: Failure) {
    super(
      "DASHSCOPE_ERR_TIMEOUT",
      failure,
      "Run the command again; if the service is only slow, raise dashscope:requestTimeout or dashscope:operationTimeout.",
    );
  }
}

/**
 * A create left this machine and its answer was lost or unreadable: a thread may exist that nothing can find, since the
 * API has no list and no idempotency key. It is never repeated.
 */
export class CreateUncertainError extends CallError {
  constructor(failure: Failure, sentAt: Date, threadId: string | undefined) {
    const evidence = failure.requestId === undefined ? "the time" : "the time and the request id";
    const known =
      threadId === undefined
        ? `A thread may have been created there that nothing refers to. DashScope cannot list threads: if it matters, give the vendor's support ${evidence} above.`
        : `The thread ${threadId} has been created there: take it over with adoptId: "${threadId}", or delete it.`;
    const isForeign = failure.status !== undefined && failure.apiCode === undefined && threadId === undefined;
    const elsewhere = isForeign
      ? "If that was not DashScope's answer, check dashscope:baseUrl, dashscope:region and any proxy (HTTPS_PROXY, NO_PROXY). "
      : "";
    super(
      "DASHSCOPE_ERR_CREATE_UNCERTAIN",
      { ...failure, outcome: `${failure.outcome}, after the request was sent at ${sentAt.toISOString()}` },
      `${known} ${elsewhere}The request was not sent again; \`pulumi up\` will create a new thread.`,
    );
  }
}
