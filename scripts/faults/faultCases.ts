import type { Fault } from "dashscope-emulator";

/** One fault that every operation meets. */
export interface FaultCase {
  readonly name: string;
  /** What the emulator does. */
  readonly fault?: Fault;
  /** Where the requests go, if it isn't an emulator. */
  readonly baseUrl?: string;
  /** Nothing listens at first. */
  readonly late?: true;
  /** Why it can't run beside others on one host: it pauses the whole process, or takes seconds. */
  readonly pace?: "pausing" | "slow";
  /** DashScope itself says that the object is gone. */
  readonly gone?: true;
  /** A retry changes nothing, or isn't allowed. */
  readonly final?: true;
}

function buildError(
  status: number,
  code: string,
  more: { message?: string; work?: boolean; retryAfter?: string } = {},
): Fault {
  return { kind: "error", status, code, message: "Injected.", ...more };
}

function buildGone(name: string, message: string): FaultCase {
  return { name, fault: buildError(400, "InvalidParameter", { message }), gone: true, final: true };
}

/** The `requestTimeout` of the hosts, in seconds. Every delay below is longer. */
export const requestTimeout = 2.5;

/** The faults that mean the same to every resource. */
const shared: readonly FaultCase[] = [
  { name: "400 InvalidParameter", fault: buildError(400, "InvalidParameter"), final: true },
  { name: "400 DataInspectionFailed", fault: buildError(400, "DataInspectionFailed"), final: true },
  { name: "400 Arrearage", fault: buildError(400, "Arrearage"), final: true },
  { name: "401 InvalidApiKey", fault: buildError(401, "InvalidApiKey"), final: true },
  { name: "403 AccessDenied", fault: buildError(403, "AccessDenied"), final: true },
  { name: "404 WorkSpaceNotFound", fault: buildError(404, "WorkSpaceNotFound"), final: true },
  { name: "408 RequestTimeOut", fault: buildError(408, "RequestTimeOut") },
  { name: "408 RequestTimeOut, work done", fault: buildError(408, "RequestTimeOut", { work: true }) },
  { name: "429 throttled", fault: buildError(429, "Throttling.RateQuota"), pace: "pausing" },
  {
    name: "429 throttled, Retry-After in seconds",
    fault: buildError(429, "Throttling", { retryAfter: "1" }),
    pace: "pausing",
  },
  {
    name: "429 throttled, Retry-After as a date",
    fault: buildError(429, "LimitRequests", { retryAfter: new Date(0).toUTCString() }),
    pace: "pausing",
  },
  { name: "429 CommodityNotPurchased", fault: buildError(429, "CommodityNotPurchased"), final: true },
  { name: "429 PrepaidBillOverdue", fault: buildError(429, "PrepaidBillOverdue"), final: true },
  { name: "429 PostpaidBillOverdue", fault: buildError(429, "PostpaidBillOverdue"), final: true },
  { name: "429 of a proxy (HTML)", fault: { kind: "html", status: 429 }, pace: "pausing" },
  { name: "500 InternalError", fault: buildError(500, "InternalError") },
  { name: "500 InternalError, work done", fault: buildError(500, "InternalError", { work: true }) },
  { name: "503 ModelUnavailable", fault: buildError(503, "ModelUnavailable") },
  {
    name: "503 ModelUnavailable, Retry-After",
    fault: buildError(503, "ModelUnavailable", { retryAfter: "1" }),
    pace: "pausing",
  },
  { name: "dropped before the work", fault: { kind: "dropBefore" } },
  { name: "dropped after the work", fault: { kind: "dropAfter" } },
  { name: "the answer is cut off", fault: { kind: "truncate" } },
  { name: "404 of a proxy (HTML)", fault: { kind: "html", status: 404 }, final: true },
  { name: "404 of a proxy (HTML), work done", fault: { kind: "html", status: 404, work: true }, final: true },
  { name: "502 of a proxy (HTML)", fault: { kind: "html", status: 502 } },
  { name: "502 of a proxy (HTML), work done", fault: { kind: "html", status: 502, work: true } },
  { name: "200 with HTML, work done", fault: { kind: "html", status: 200, work: true }, final: true },
  {
    name: "200 with other JSON, work done",
    fault: { kind: "body", status: 200, body: '{"a":1}', work: true },
    final: true,
  },
  {
    name: "302 redirect",
    fault: { kind: "body", status: 302, body: "", headers: { location: "http://127.0.0.1:1/" } },
    final: true,
  },
  { name: "one byte a second", fault: { kind: "trickle" }, pace: "slow" },
  { name: "an endless answer", fault: { kind: "endless" } },
  { name: "no answer", fault: { kind: "hang" }, pace: "slow" },
  { name: "no answer, work done", fault: { kind: "hang", work: true }, pace: "slow" },
  { name: "an answer after the timeout", fault: { kind: "delay", ms: 6000 }, pace: "slow" },
  { name: "idle connections closed at once", fault: { kind: "idleClose", ms: 0 } },
  { name: "nothing listens at first", late: true },
  { name: "nothing listens", baseUrl: "http://127.0.0.1:1/api/v1" },
  { name: "the host name doesn't exist", baseUrl: "https://no-such-host.invalid/api/v1" },
];

/** The shared faults whose answers differ in the dialect, or that lose the answer of a request that may have worked. */
const ofEveryResource: readonly string[] = [
  "400 InvalidParameter",
  "400 DataInspectionFailed",
  "401 InvalidApiKey",
  "403 AccessDenied",
  "404 WorkSpaceNotFound",
  "408 RequestTimeOut, work done",
  "429 throttled",
  "500 InternalError",
  "500 InternalError, work done",
  "dropped before the work",
  "dropped after the work",
  "the answer is cut off",
  "404 of a proxy (HTML), work done",
  "502 of a proxy (HTML)",
  "502 of a proxy (HTML), work done",
  "200 with other JSON, work done",
  "no answer, work done",
  "idle connections closed at once",
  "nothing listens at first",
  "nothing listens",
];

/** The faults that threads meet. Only a 400 with DashScope's own sentence means that a thread is gone. */
export const threadFaults: readonly FaultCase[] = [
  buildGone("400, the thread is gone", "The specified thread has been deleted or does not exist."),
  { name: "404 NotFound", fault: buildError(404, "NotFound", { message: "Not found!" }), final: true },
  ...shared,
];

/**
 * The faults that conversations meet. A 404 means that a conversation is gone if it has an error in the API's own dialect. What threads
 * show of connections, proxies and `Retry-After` is true of every resource, so it isn't repeated.
 */
export const conversationFaults: readonly FaultCase[] = [
  {
    name: "404, the conversation is gone",
    fault: {
      kind: "body",
      status: 404,
      body: JSON.stringify({
        error: {
          message: "Conversation with id 'conv_1' not found.",
          type: "invalid_request_error",
          param: null,
          code: null,
        },
        request_id: "request-1",
      }),
    },
    gone: true,
    final: true,
  },
  buildGone(
    "400, the conversation is gone",
    "The specified conversation has been deleted or does not exist.",
  ),
  { name: "404 without a body", fault: { kind: "body", status: 404, body: "" }, final: true },
  {
    name: "404 in the dialect of threads",
    fault: { kind: "body", status: 404, body: '{"code":"NotFound","message":"Not found!"}' },
    final: true,
  },
  { name: "429 insufficient_quota", fault: buildError(429, "insufficient_quota"), final: true },
  ...shared.filter(({ name }) => ofEveryResource.includes(name)),
];
