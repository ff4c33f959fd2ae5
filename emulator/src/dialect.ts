import { type ApiError, InvalidKey, PathNotFound, Throttled } from "./errors";

/** Where the native API begins, on the emulator as on DashScope. */
export const NATIVE_PREFIX = "/api/v1";

/** Where everything compatible with OpenAI's API begins. */
export const COMPATIBLE_PREFIX = "/compatible-mode";

/** An error answer, except for its status. */
export interface FormattedError {
  code: string | null;
  /** Undefined for an answer without a body. */
  contentType: string | undefined;
  body: string;
  headers: Record<string, string>;
}

/** Formats an error in the dialect of the API that the URL belongs to. */
export function formatError(error: ApiError, url: string, requestId: string): FormattedError {
  const isCompatible = url.startsWith(`${COMPATIBLE_PREFIX}/`);
  // A gateway answers unknown paths there, as captured: without a body.
  if (isCompatible && error instanceof PathNotFound)
    return { code: null, contentType: undefined, body: "", headers: { server: "istio-envoy" } };
  const { code, fields } = isCompatible ? formatCompatible(error) : formatNative(error);
  return {
    code,
    contentType: "application/json; charset=utf-8",
    body: JSON.stringify({ ...fields, request_id: requestId }),
    headers: {},
  };
}

function formatNative({ code, message }: ApiError) {
  return { code, fields: { code, message } };
}

const COMPATIBLE_CODES = new Map([
  ["InvalidApiKey", "invalid_api_key"],
  ["InvalidParameter", "invalid_parameter_error"],
  ["Throttling.RateQuota", "limit_requests"],
  ["InternalError", "internal_error"],
]);

function formatCompatible(error: ApiError) {
  const code = error.code === null ? null : (COMPATIBLE_CODES.get(error.code) ?? error.code);
  const isRequestWrong = error.status < 500 && error.status !== 429;
  const type = isRequestWrong || code === null ? "invalid_request_error" : code;
  return { code, fields: { error: { message: chooseCompatibleMessage(error), type, param: null, code } } };
}

function chooseCompatibleMessage(error: ApiError): string {
  if (error instanceof InvalidKey) return "Incorrect API key provided.";
  if (error instanceof Throttled) return "You have exceeded your current request limit.";
  return error.message;
}
