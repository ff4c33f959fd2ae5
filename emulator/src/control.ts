import { isNativeError } from "node:util/types";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ActiveFaults } from "./activeFaults";
import type { Clock } from "./clock";
import type { ConversationStore } from "./conversationStore";
import { InvalidParameter } from "./errors";
import { type Fault, parseFaults } from "./faults";
import { BODY_ERROR, parseBody, parseBodyJson } from "./requestBody";
import type { RequestLog } from "./requestLog";
import type { ThreadStore } from "./threadStore";
import { createNumberSchema } from "./validation";

/** The parts of an emulator that a test reads and changes. */
export interface ControlledParts {
  threads: ThreadStore;
  conversations: ConversationStore;
  clock: Clock;
  faults: ActiveFaults;
  requestLog: RequestLog;
}

const clockBodySchema = z.object(
  { advance: createNumberSchema("must be a number of milliseconds.", 0) },
  BODY_ERROR,
);

/** Adds `/_emulator/…`: what a test asks of the emulator itself, without a key. */
export function addControlRoutes(
  app: FastifyInstance,
  { threads, conversations, clock, faults, requestLog }: ControlledParts,
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
  app.get("/_emulator/conversations", async () => conversations.listConversations());

  app.post("/_emulator/clock", async (request) => {
    clock.advance(parseBody(request.body, clockBodySchema).advance);
    return { now: clock.now() };
  });
}

function parseFaultsBody(body: unknown): Fault[] {
  const given = parseBodyJson(body);
  try {
    return parseFaults(given);
  } catch (error) {
    throw new InvalidParameter(isNativeError(error) ? error.message : String(error));
  }
}
