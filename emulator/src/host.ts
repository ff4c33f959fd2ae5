import type { FastifyInstance } from "fastify";
import { ApiError } from "./errors";

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d+)?$/i;

/**
 * Refuses requests whose `Host` isn't a loopback name. A web page can make a name of its own resolve to 127.0.0.1 (DNS
 * rebinding), and its scripts could then read threads and set faults.
 */
export function refuseForeignHosts(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ headers: { host } }) => {
    // Every browser sends a `Host`, so a request without one isn't from a web page.
    if (host !== undefined && !LOOPBACK.test(host))
      throw new ApiError(
        421,
        "InvalidHost",
        "The emulator answers only requests to localhost, 127.0.0.1 or [::1]: use one of these as the host.",
      );
  });
}
