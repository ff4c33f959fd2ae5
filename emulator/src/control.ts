import { isNativeError } from "node:util/types";
import type { FastifyInstance } from "fastify";
import { invalidParameter } from "./errors";
import { type Fault, type Faults, readFaults } from "./faults";
import { readJson } from "./requestBody";
import type { RequestLog } from "./requestLog";
import type { Store } from "./store";

/** `/_emulator/…`: what a test asks of the emulator itself, without a key. */
export function controlRoutes(
  app: FastifyInstance,
  store: Store,
  faults: Faults,
  requestLog: RequestLog,
): void {
  app.get("/_emulator/faults", async () => faults.list());
  app.put("/_emulator/faults", async (request) => {
    faults.set(givenFaults(request.body));
    return faults.list();
  });
  app.delete("/_emulator/faults", async () => {
    faults.set([]);
    return [];
  });

  app.get("/_emulator/requests", async () => requestLog.last());
  app.delete("/_emulator/requests", async () => {
    requestLog.clear();
    return [];
  });

  app.get("/_emulator/threads", async () => store.threads());
}

function givenFaults(body: unknown): Fault[] {
  const given = readJson(body);
  try {
    return readFaults(given);
  } catch (error) {
    throw invalidParameter(isNativeError(error) ? error.message : String(error));
  }
}
