import { isNativeError } from "node:util/types";
import type { FastifyInstance } from "fastify";
import { InvalidParameter } from "./errors";
import { type Fault, type Faults, parseFaults } from "./faults";
import { parseBodyJson } from "./requestBody";
import type { RequestLog } from "./requestLog";
import type { ThreadStore } from "./threadStore";

/** Adds `/_emulator/…`: what a test asks of the emulator itself, without a key. */
export function addControlRoutes(
  app: FastifyInstance,
  threads: ThreadStore,
  faults: Faults,
  requestLog: RequestLog,
): void {
  app.get("/_emulator/faults", async () => faults.list());
  app.put("/_emulator/faults", async (request) => {
    faults.set(parseFaultsBody(request.body));
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

  app.get("/_emulator/threads", async () => threads.listThreads());
}

function parseFaultsBody(body: unknown): Fault[] {
  const given = parseBodyJson(body);
  try {
    return parseFaults(given);
  } catch (error) {
    throw new InvalidParameter(isNativeError(error) ? error.message : String(error));
  }
}
