import type { Answer } from "./answer";
import type { Request } from "./exchange";

/** Writes down what became of one attempt of a request, which took so many milliseconds. */
export type RequestLog = (request: Request, answer: Answer, attempt: number, milliseconds: number) => void;

/**
 * With the environment variable `DASHSCOPE_REQUEST_LOG` set to `1`, one line a request on stderr, which Pulumi shows beside
 * the resource: method, path, status, DashScope's code, request id, attempt and milliseconds. Never a header, a key or a body; stdout
 * belongs to the plugin protocol.
 */
export function requestLog(environment: NodeJS.ProcessEnv): RequestLog | undefined {
  return environment["DASHSCOPE_REQUEST_LOG"] === "1" ? log : undefined;
}

function log(...[request, answer, attempt, milliseconds]: Parameters<RequestLog>): void {
  const status = "status" in answer ? answer.status : "-";
  const code = "apiCode" in answer ? answer.apiCode : answer.kind;
  const requestId = ("requestId" in answer && answer.requestId) || "-";
  console.error(
    `dashscope: ${request.method} ${request.url.pathname} ${status} ${code} request id ${requestId}, attempt ${attempt}, ${Math.round(milliseconds)} ms`,
  );
}
