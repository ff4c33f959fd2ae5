/**
 * An answer that DashScope documents as an error: an HTTP status and the flat body
 * `{code, message, request_id}`. Thrown anywhere in a request, it becomes that answer.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter?: string,
  ) {
    super(message);
  }
}

/** A parameter is missing or wrong. */
export const invalidParameter = (message: string): ApiError => new ApiError(400, "InvalidParameter", message);

/** Documented as 400 and not 404; the same for a thread that never was and one that was deleted. */
export const threadGone = (): ApiError =>
  invalidParameter("The specified thread has been deleted or does not exist.");

/** Not documented: said like {@link threadGone}. */
export const messageGone = (): ApiError =>
  invalidParameter("The specified message has been deleted or does not exist.");

/** Not documented: said like {@link threadGone}. */
export const fileGone = (): ApiError =>
  invalidParameter("The specified file has been deleted or does not exist.");

/** No such path, or not with this method. */
export const notFound = (): ApiError => new ApiError(404, "NotFound", "Not found!");

/** The path is no URL. */
export const invalidUrl = (): ApiError =>
  new ApiError(400, "InvalidURL", "Invalid URL provided in your request.");

/** The client took too long to send its request. */
export const requestTimeOut = (): ApiError =>
  new ApiError(408, "RequestTimeOut", "Request timed out, please try again later.");

/** The body of every error answer. */
export interface ErrorBody {
  code: string;
  message: string;
  request_id: string;
}

/** What is answered for anything thrown while a request is handled. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const { statusCode, message } = frameworkError(thrown);
  if (statusCode !== undefined && statusCode < 500)
    return new ApiError(statusCode, "InvalidParameter", message);
  return new ApiError(500, "InternalError", `The emulator failed: ${message}`);
}

function frameworkError(thrown: unknown): { statusCode: number | undefined; message: string } {
  if (!(thrown instanceof Error)) return { statusCode: undefined, message: String(thrown) };
  const statusCode =
    "statusCode" in thrown && typeof thrown.statusCode === "number" ? thrown.statusCode : undefined;
  return { statusCode, message: thrown.message };
}
