import { stripVTControlCharacters } from "node:util";
import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";

/** What an operation printed and did. */
export interface Outcome {
  /** Standard output, then standard error, without colours. */
  readonly output: string;
  /** How many steps of each kind, as in the summary that Pulumi prints. Empty when it got no summary. */
  readonly changes: OpMap;
  readonly events: readonly EngineEvent[];
}

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

/** What a failing operation printed. */
export async function catchFailure(operation: Promise<unknown>): Promise<string> {
  const result = await operation.catch((error: unknown) => error);
  if (result instanceof OperationFailed) return result.output;
  throw new Error("the operation did not fail", { cause: result });
}

/** Collects what the Automation API reports while an operation runs, which it does not return when one fails. */
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
