import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { ConfigurationError } from "./errors";
import type { Settings } from "./settings";

/** One HTTP request, sent once. */
export interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What became of a request. */
export interface Exchange {
  /** When its first byte may have left, absent when it provably never left. */
  readonly sentAt?: Date;
  /** The answer's status; absent when no answer began. */
  readonly status?: number;
  /** By their names in lower case; of one that came more than once, all values. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What was read of the answer's body, whole only when there is no `error`. */
  readonly body: string;
  /** What broke it: no connection, a reset, a time-out, a body that is cut short or too large. */
  readonly error?: Error;
}

type Seen = { -readonly [part in keyof Exchange]: Exchange[part] };

/** The time allowed for one attempt ran out. */
export class AttemptTimeout extends Error {}

/** The answer's body is larger than any answer of the API. */
export class BodyTooLarge extends Error {}

// The largest documented answer is a few kilobytes of metadata.
const bodyLimit = 1024 * 1024;

/** Two ways to send a request. */
export interface Connections {
  /** Over a connection that may have carried others. */
  readonly kept: Dispatcher;
  /**
   * Over a connection that was in use a moment ago, or a new one. An idle one may be met just while the server closes it, and
   * then a request that did nothing looks like one whose answer was lost.
   */
  readonly warm: Dispatcher;
}

// Milliseconds. A server closes a connection after seconds without a request; this and the way to the server are less.
const longestIdle = 100;

/**
 * Opens connections; honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY as other tools do.
 *
 * @throws ConfigurationError when one of them is not the URL of a proxy
 */
export function connections(settings: Pick<Settings, "connectTimeout">): Connections {
  const timeout = settings.connectTimeout * 1000;
  const options = {
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout },
    requestTls: { timeout },
    proxyTls: { timeout },
  };
  const open = (more: Agent.Options) =>
    proxied() ? new EnvHttpProxyAgent({ ...options, ...more }) : new Agent({ ...options, ...more });
  try {
    return {
      kept: open({}),
      warm: open({ keepAliveTimeout: longestIdle, keepAliveMaxTimeout: longestIdle }),
    };
  } catch {
    // Not shown: it may hold a password.
    throw new ConfigurationError(
      `${proxied()} must be the URL of a proxy, such as http://proxy.example:8080, but is not.`,
    );
  }
}

/** The variables that name a proxy, as a list. */
function proxied(): string {
  const names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];
  return names.filter((name) => process.env[name]).join(" or ");
}

/** Sends `request` once, never follows a redirect, and tells what became of it within `milliseconds`; never throws. */
export function exchange(dispatcher: Dispatcher, request: Request, milliseconds: number): Promise<Exchange> {
  return new Promise((resolve) => {
    const seen: Seen = { headers: {}, body: "" };
    let failure: Error | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    let size = 0;
    const chunks: Buffer[] = [];

    const settle = (error?: Error) => {
      clearTimeout(timer);
      if (error) seen.error = error;
      seen.body = Buffer.concat(chunks).toString("utf8");
      resolve(seen);
    };
    const abort = (reason: Error) => {
      failure = reason;
      controller?.abort(reason);
      settle(reason);
    };
    const timer = setTimeout(
      () => abort(new AttemptTimeout(`no complete answer within ${seconds(milliseconds)}`)),
      milliseconds,
    );

    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: request.url.pathname,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      {
        // Called right before the first byte is written, so that a request it never saw has provably never left.
        onRequestStart(started) {
          controller = started;
          if (failure) started.abort(failure);
          else seen.sentAt = new Date();
        },
        onResponseStart(_, status, headers) {
          seen.status = status;
          seen.headers = headers;
        },
        onResponseData(_, chunk) {
          size += chunk.length;
          if (size <= bodyLimit) chunks.push(chunk);
          else abort(new BodyTooLarge("the answer is larger than 1 MiB"));
        },
        onResponseEnd: () => settle(),
        onResponseError: (_, error) => settle(error),
      },
    );
  });
}

/** The value of an answer's header, the first if there are more. */
export function headerOf({ headers }: Exchange, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value[0] : value;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
