import type { Fault } from "dashscope-emulator";

/** One way for things to go wrong, for every verb. */
export interface Trouble {
  readonly name: string;
  /** What the emulator does. */
  readonly fault?: Fault;
  /** Where the requests go, when not to an emulator. */
  readonly baseUrl?: string;
  /** Nobody listens at first. */
  readonly late?: true;
  /** How it keeps others from running beside it: it pauses the whole process, or takes its time. */
  readonly pace?: "pausing" | "slow";
  /** DashScope itself says that the thread is gone. */
  readonly gone?: true;
  /** A retry would do no good, or is not allowed. */
  readonly final?: true;
}

const gone = "The specified thread has been deleted or does not exist.";

function error(
  status: number,
  code: string,
  more: { message?: string; work?: boolean; retryAfter?: string } = {},
): Fault {
  return { kind: "error", status, code, message: "Injected.", ...more };
}

/** How long a request may take here, in seconds; every delay below is longer. */
export const requestTimeout = 2.5;

export const troubles: readonly Trouble[] = [
  {
    name: "400, the thread is gone",
    fault: error(400, "InvalidParameter", { message: gone }),
    gone: true,
    final: true,
  },
  { name: "400 InvalidParameter", fault: error(400, "InvalidParameter"), final: true },
  { name: "400 DataInspectionFailed", fault: error(400, "DataInspectionFailed"), final: true },
  { name: "400 Arrearage", fault: error(400, "Arrearage"), final: true },
  { name: "401 InvalidApiKey", fault: error(401, "InvalidApiKey"), final: true },
  { name: "403 AccessDenied", fault: error(403, "AccessDenied"), final: true },
  { name: "404 NotFound", fault: error(404, "NotFound", { message: "Not found!" }), gone: true, final: true },
  { name: "404 WorkSpaceNotFound", fault: error(404, "WorkSpaceNotFound"), final: true },
  { name: "408 RequestTimeOut", fault: error(408, "RequestTimeOut") },
  { name: "408 RequestTimeOut, work done", fault: error(408, "RequestTimeOut", { work: true }) },
  { name: "429 throttled", fault: error(429, "Throttling.RateQuota"), pace: "pausing" },
  {
    name: "429 throttled, Retry-After in seconds",
    fault: error(429, "Throttling", { retryAfter: "1" }),
    pace: "pausing",
  },
  {
    name: "429 throttled, Retry-After as a date",
    fault: error(429, "LimitRequests", { retryAfter: new Date(0).toUTCString() }),
    pace: "pausing",
  },
  { name: "429 CommodityNotPurchased", fault: error(429, "CommodityNotPurchased"), final: true },
  { name: "429 PrepaidBillOverdue", fault: error(429, "PrepaidBillOverdue"), final: true },
  { name: "429 PostpaidBillOverdue", fault: error(429, "PostpaidBillOverdue"), final: true },
  { name: "429 of a proxy (HTML)", fault: { kind: "html", status: 429 }, pace: "pausing" },
  { name: "500 InternalError", fault: error(500, "InternalError") },
  { name: "500 InternalError, work done", fault: error(500, "InternalError", { work: true }) },
  { name: "503 ModelUnavailable", fault: error(503, "ModelUnavailable") },
  {
    name: "503 ModelUnavailable, Retry-After",
    fault: error(503, "ModelUnavailable", { retryAfter: "1" }),
    pace: "pausing",
  },
  { name: "dropped before the work", fault: { kind: "dropBefore" } },
  { name: "dropped after the work", fault: { kind: "dropAfter" } },
  { name: "the answer breaks off", fault: { kind: "truncate" } },
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
    name: "302 to elsewhere",
    fault: { kind: "body", status: 302, body: "", headers: { location: "http://127.0.0.1:1/" } },
    final: true,
  },
  { name: "one byte a second", fault: { kind: "trickle" }, pace: "slow" },
  { name: "an endless answer", fault: { kind: "endless" } },
  { name: "silence", fault: { kind: "hang" }, pace: "slow" },
  { name: "silence, work done", fault: { kind: "hang", work: true }, pace: "slow" },
  { name: "an answer that comes too late", fault: { kind: "delay", ms: 6000 }, pace: "slow" },
  { name: "idle connections closed at once", fault: { kind: "idleClose", ms: 0 } },
  { name: "nobody listens at first", late: true },
  { name: "nobody listens", baseUrl: "http://127.0.0.1:1/api/v1" },
  { name: "the name leads nowhere", baseUrl: "https://no-such-host.invalid/api/v1" },
];
