/** What a caller can do about one way in which a request ends. */
interface Outcome {
  /** Stands in brackets at the end of the message. Stable across versions. */
  readonly code: string;
  /** Whether the same request may succeed later, so that it's sent again. A create that may have worked never is. */
  readonly retried: boolean;
  /** Whether the request may have done its work, so that a create with this outcome may have created something. */
  readonly mayHaveWorked: boolean;
  /** What to do, in a sentence that doesn't depend on the program that uses the client. */
  readonly advice: string;
}

const support = "Try again. If the problem persists, contact Alibaba Cloud support with the request ID.";
const intermediary =
  "This isn't an answer from DashScope: check the base URL, the region and any proxy (`HTTPS_PROXY`, `NO_PROXY`).";

/** Every way in which a request can fail. The client and each error message derive from this table. */
export const outcomes = {
  gone: {
    code: "DASHSCOPE_ERR_MISSING",
    retried: false,
    mayHaveWorked: false,
    advice: "It was deleted or never existed.",
  },
  workspace: {
    code: "DASHSCOPE_ERR_WORKSPACE",
    retried: false,
    mayHaveWorked: false,
    advice: "Check the workspace ID, and that the key belongs to the same account and region.",
  },
  authentication: {
    code: "DASHSCOPE_ERR_AUTHENTICATION",
    retried: false,
    mayHaveWorked: false,
    advice: "Check the API key, and that it belongs to this region.",
  },
  permission: {
    code: "DASHSCOPE_ERR_PERMISSION",
    retried: false,
    mayHaveWorked: false,
    advice: "Check that the key may use this workspace and the Assistant API of Model Studio.",
  },
  billing: {
    code: "DASHSCOPE_ERR_BILLING",
    retried: false,
    mayHaveWorked: false,
    advice: "Pay the account's bill or order the service in the Alibaba Cloud console, then try again.",
  },
  throttled: {
    code: "DASHSCOPE_ERR_THROTTLED",
    retried: true,
    mayHaveWorked: false,
    advice: "Wait a minute and try again, lower `maxConcurrency`, or raise `operationTimeout`.",
  },
  refused: {
    code: "DASHSCOPE_ERR_REFUSED",
    retried: false,
    mayHaveWorked: false,
    advice: "DashScope didn't accept the request: correct what the answer names and try again.",
  },
  unavailable: {
    code: "DASHSCOPE_ERR_SERVICE",
    retried: true,
    mayHaveWorked: true,
    advice: support,
  },
  /** A complete answer that isn't DashScope's, such as a page of a proxy. */
  foreign: {
    code: "DASHSCOPE_ERR_UNEXPECTED_ANSWER",
    retried: false,
    mayHaveWorked: true,
    advice: intermediary,
  },
  /** The same with a status that often passes: 408, 429 and 5xx. */
  foreignTemporary: {
    code: "DASHSCOPE_ERR_UNEXPECTED_ANSWER",
    retried: true,
    mayHaveWorked: true,
    advice: intermediary,
  },
  connection: {
    code: "DASHSCOPE_ERR_NETWORK",
    retried: true,
    mayHaveWorked: true,
    advice:
      "Check the network, the base URL, the region and any proxy (`HTTPS_PROXY`, `NO_PROXY`). If connecting is slow, raise `connectTimeout`. Then try again.",
  },
  /** A failure that no retry changes: a certificate, or a request that can't be sent. */
  connectionPermanent: {
    code: "DASHSCOPE_ERR_NETWORK",
    retried: false,
    mayHaveWorked: true,
    advice:
      "Check the base URL, any proxy (`HTTPS_PROXY`, `NO_PROXY`) and, for a certificate, `NODE_EXTRA_CA_CERTS`. Then try again.",
  },
  timeout: {
    code: "DASHSCOPE_ERR_TIMEOUT",
    retried: true,
    mayHaveWorked: true,
    advice: "Try again. If the service is slow, raise `requestTimeout` or `operationTimeout`.",
  },
} as const satisfies Record<string, Outcome>;

/** The name of one row of {@link outcomes}. */
export type OutcomeName = keyof typeof outcomes;
