import { stripVTControlCharacters } from "node:util";
import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";

/** The result of an operation. */
export interface Outcome {
  /** Standard output, then standard error, without colors. */
  readonly output: string;
  /** The number of steps of each kind, as in Pulumi's summary. Empty if there was no summary. */
  readonly changes: OpMap;
  readonly events: readonly EngineEvent[];
}

/** An operation failed. */
export class OperationFailed extends Error implements Outcome {
  readonly output: string;
  readonly changes: OpMap;
  readonly events: readonly EngineEvent[];

  constructor(operation: string, outcome: Outcome, cause: unknown) {
    super(`pulumi ${operation} failed:\n${outcome.output || cause}`, { cause });
    this.name = "OperationFailed";
    this.output = outcome.output;
    this.changes = outcome.changes;
    this.events = outcome.events;
  }
}

/** Returns what a failing operation printed. */
export async function catchFailure(operation: Promise<unknown>): Promise<string> {
  const result = await operation.catch((error: unknown) => error);
  if (result instanceof OperationFailed) return result.output;
  throw new Error("The operation didn't fail.", { cause: result });
}

/** Collects what the Automation API reports during an operation. It doesn't return this if the operation fails. */
export class Recording {
  #stdout = "";
  #stderr = "";
  readonly #events: EngineEvent[] = [];

  readonly onOutput = (text: string): void => {
    this.#stdout += text;
  };
  readonly onError = (text: string): void => {
    this.#stderr += text;
  };
  readonly onEvent = (event: EngineEvent): void => {
    this.#events.push(event);
  };

  outcome(): Outcome {
    const changes = this.#events.find((event) => event.summaryEvent)?.summaryEvent?.resourceChanges ?? {};
    return { output: stripVTControlCharacters(this.#stdout + this.#stderr), changes, events: this.#events };
  }
}
