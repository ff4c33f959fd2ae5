import { DataFileError } from "./dataFile";

/** An error answer. Thrown anywhere in a request, it becomes the answer, in the dialect of the API that was called. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    /** The code in the native dialect; null if there is none. */
    readonly code: string | null,
    message: string,
    readonly retryAfter?: string,
  ) {
    super(message);
  }
}

/** The key is missing or wrong. */
export class InvalidKey extends ApiError {
  constructor(message: string) {
    super(401, "InvalidApiKey", message);
  }
}

/** The request is over the rate limit. */
export class Throttled extends ApiError {
  constructor(retryAfter: string | undefined) {
    super(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.", retryAfter);
  }
}

/** A parameter is missing or wrong. */
export class InvalidParameter extends ApiError {
  constructor(message: string) {
    super(400, "InvalidParameter", message);
  }
}

/**
 * The object of a call doesn't exist. Documented for a thread, as 400 and not 404, both if it never existed and if it was deleted.
 * The others are phrased like it.
 */
export class ObjectGone extends InvalidParameter {
  constructor(kind: "thread" | "message" | "file" | "conversation") {
    super(`The specified ${kind} has been deleted or does not exist.`);
  }
}

/** No such path, or not with this method. */
export class PathNotFound extends ApiError {
  constructor() {
    super(404, "NotFound", "Not found!");
  }
}

/** Converts anything thrown while a request is handled. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof DataFileError) return new ApiError(500, "InternalError", thrown.message);
  if (!(thrown instanceof Error))
    return new ApiError(500, "InternalError", `The emulator failed: ${String(thrown)}`);
  if ("statusCode" in thrown && typeof thrown.statusCode === "number" && thrown.statusCode < 500)
    return new ApiError(thrown.statusCode, "InvalidParameter", thrown.message);
  return new ApiError(500, "InternalError", `The emulator failed: ${thrown.message}`);
}
