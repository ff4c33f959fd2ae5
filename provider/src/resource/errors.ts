import { DashScopeError, type RequestError } from "../dashscope/errors";

/** The resource exists and must stay in the state, but isn't as declared. */
export class IncompleteError extends DashScopeError {
  readonly id: string;
  readonly state: object;

  constructor(id: string, state: object, sentences: string) {
    super("DASHSCOPE_ERR_INCOMPLETE", sentences);
    this.id = id;
    this.state = state;
  }
}

/** Something that's looked up or read with `get`, and that DashScope says doesn't exist. */
export class MissingError extends DashScopeError {
  readonly status: number | undefined;
  readonly requestId: string | undefined;

  constructor(what: string, where: string, answer: RequestError | undefined = undefined) {
    super(
      "DASHSCOPE_ERR_MISSING",
      `There is no ${what} ${where}. Check the ID, the region, the workspace and the account of the key.`,
    );
    this.status = answer?.status;
    this.requestId = answer?.requestId;
  }
}

/** An `adoptId` that can't be taken over. */
export class AdoptionError extends DashScopeError {
  constructor(sentences: string) {
    super("DASHSCOPE_ERR_ADOPTION", sentences);
  }
}

/** The key may belong to another account, so nothing was changed. */
export class AccountError extends DashScopeError {
  constructor(sentences: string) {
    super("DASHSCOPE_ERR_ACCOUNT", sentences);
  }
}

/** Returns an error that can be recorded, whatever goes wrong: what is done must not be lost because of it. */
export function toDashScopeError(error: unknown): DashScopeError {
  if (error instanceof DashScopeError) return error;
  const reason = error instanceof Error ? error.name : "Unknown error";
  return new DashScopeError(
    "DASHSCOPE_ERR_INCOMPLETE",
    `The provider failed unexpectedly (${reason}). Report it as a bug.`,
  );
}
