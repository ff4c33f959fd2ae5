import type { Answer } from "./answer";
import type { Request } from "./exchange";

/** Logs one attempt of a request, which took so many milliseconds. */
export type RequestLog = (request: Request, answer: Answer, attempt: number, milliseconds: number) => void;

/**
 * Returns a log if `DASHSCOPE_REQUEST_LOG` is `1`: one line a request on stderr, which Pulumi shows beside the resource, with the
 * method, the path, the status, DashScope's code, the request ID, the attempt and the milliseconds. It contains no header and no body.
 * stdout belongs to the plugin protocol.
 */
export function createRequestLog(environment: NodeJS.ProcessEnv): RequestLog | undefined {
  return environment["DASHSCOPE_REQUEST_LOG"] === "1" ? log : undefined;
}

function log(...[request, answer, attempt, milliseconds]: Parameters<RequestLog>): void {
  const code = answer.kind === "success" ? "success" : (answer.apiCode ?? answer.outcome);
  console.error(
    `dashscope: ${request.method} ${request.url.pathname} ${answer.status ?? "-"} ${code} request id ${answer.requestId ?? "-"}, attempt ${attempt}, ${Math.round(milliseconds)} ms`,
  );
}
