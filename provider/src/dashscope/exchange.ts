import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { ClientSettings } from "./client";
import { ConfigurationError } from "./errors";

/** One HTTP request, sent once. */
export interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The largest answer in bytes. Default: 1 MiB, because most answers have a few kilobytes of metadata. */
  readonly answerLimit?: number;
}

/** The end of a request, with or without an answer. */
export interface Exchange {
  /** When its first byte may have left, absent when it provably never left. */
  readonly sentAt?: Date;
  /** The answer's status; absent when no answer began. */
  readonly status?: number;
  /** By their names in lower case; of one that came more than once, all values. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What was read of the answer's body, whole only when there is no `error`. */
  readonly body: string;
  /** What broke it: no connection, a reset, a timeout, a body that is cut short or too large. */
  readonly error?: Error;
}

type MutableExchange = { -readonly [part in keyof Exchange]: Exchange[part] };

/** The time allowed for one attempt ran out. */
export class AttemptTimeout extends Error {}

/** The answer's body is larger than any answer of the API. */
export class BodyTooLarge extends Error {}

const mebibyte = 1024 * 1024;

/** Two ways to send a request. */
export interface Connections {
  /** Over a connection that may have carried others. */
  readonly kept: Dispatcher;
  /**
   * Over a connection that carried a request a moment ago, or a new one. A server may close an idle connection just when a request
   * is sent, and then a request that did nothing looks like one whose answer was lost.
   */
  readonly warm: Dispatcher;
}

// Milliseconds. A server closes a connection after seconds without a request. This and the way to the server are less.
const longestIdle = 100;

/** Opens connections: through the proxies that the environment names, but never through one for `http:`. */
export class ConnectionPool {
  readonly #timeout: number;
  #direct: Connections | undefined;
  #proxied: Connections | undefined;

  constructor({ connectTimeout }: Pick<ClientSettings, "connectTimeout">) {
    this.#timeout = connectTimeout * 1000;
  }

  /**
   * Returns the connections that lead to a URL.
   *
   * @throws ConfigurationError if the environment names a proxy that isn't a URL
   */
  select(url: URL): Connections {
    // `http:` leads only to a loopback address. A proxy would read the key and the messages in plaintext.
    if (url.protocol === "http:" || listProxyVariables().length === 0) {
      this.#direct ??= this.#open((options) => new Agent(options));
      return this.#direct;
    }
    this.#proxied ??= this.#openProxied();
    return this.#proxied;
  }

  #openProxied(): Connections {
    try {
      return this.#open((options) => new EnvHttpProxyAgent(options));
    } catch {
      // The value isn't shown, because it may contain a password.
      throw new ConfigurationError(
        `\`${listProxyVariables().join("` or `")}\` must be the URL of a proxy, such as http://proxy.example:8080.`,
      );
    }
  }

  #open(create: (options: EnvHttpProxyAgent.Options) => Dispatcher): Connections {
    const timeout = this.#timeout;
    const options = {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout },
      requestTls: { timeout },
      proxyTls: { timeout },
    };
    return {
      kept: create(options),
      warm: create({ ...options, keepAliveTimeout: longestIdle, keepAliveMaxTimeout: longestIdle }),
    };
  }
}

function listProxyVariables(): string[] {
  return ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].filter((name) => process.env[name]);
}

/** Sends a request once, and resolves when it has ended or the milliseconds are over. Follows no redirect and never rejects. */
export function exchange(dispatcher: Dispatcher, request: Request, milliseconds: number): Promise<Exchange> {
  return new Promise((resolve) => {
    const seen: MutableExchange = { headers: {}, body: "" };
    let failure: Error | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    let size = 0;
    const { answerLimit = mebibyte } = request;
    let isSettled = false;
    const chunks: Buffer[] = [];

    const settle = (error?: Error) => {
      isSettled = true;
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
    const expire = () =>
      abort(new AttemptTimeout(`no complete answer within ${formatSeconds(milliseconds)}`));
    // A process that was stopped for longer than this finds its timers due before it has read the answers that arrived.
    let timer = setTimeout(() => {
      timer = setTimeout(() => setImmediate(() => isSettled || expire()), 1);
    }, milliseconds);

    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: `${request.url.pathname}${request.url.search}`,
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
          if (size <= answerLimit) chunks.push(chunk);
          else abort(new BodyTooLarge(`the answer is larger than ${answerLimit / mebibyte} MiB`));
        },
        onResponseEnd: () => settle(),
        onResponseError: (_, error) => settle(error),
      },
    );
  });
}

/** Returns the value of a header of the answer, the first if there are several. */
export function getHeader({ headers }: Exchange, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value[0] : value;
}

function formatSeconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
