import type { Answer } from "./answer";
import type { Request } from "./exchange";

/**
 * With the environment variable `DASHSCOPE_REQUEST_LOG` set to `1`, one line a request on stderr, which Pulumi shows beside
 * the resource: method, path, status, DashScope's code, request id, attempt and milliseconds. Never a header, a key or a body; stdout
 * belongs to the plugin protocol.
 */
export function logRequest(request: Request, answer: Answer, attempt: number, milliseconds: number): void {
  if (process.env["DASHSCOPE_REQUEST_LOG"] !== "1") return;
  const status = "status" in answer ? answer.status : "-";
  const code = "apiCode" in answer ? answer.apiCode : answer.kind;
  const requestId = ("requestId" in answer && answer.requestId) || "-";
  console.error(
    `dashscope: ${request.method} ${request.url.pathname} ${status} ${code} request id ${requestId}, attempt ${attempt}, ${Math.round(milliseconds)} ms`,
  );
}
