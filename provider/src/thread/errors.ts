import { DashScopeError } from "../dashscope/errors";
import { at, type Place } from "../dashscope/place";
import type { ThreadState } from "./contract";

/** The thread exists and must be kept in the state, but is not as declared. */
export class IncompleteThreadError extends DashScopeError {
  readonly id: string;
  readonly state: ThreadState;

  constructor(id: string, state: ThreadState, reason: string) {
    super("DASHSCOPE_ERR_INCOMPLETE", reason);
    this.id = id;
    this.state = state;
  }
}

/** A thread that is looked up, not managed, and that DashScope says does not exist. */
export class MissingThreadError extends DashScopeError {
  constructor(id: string, place: Place) {
    super(
      "DASHSCOPE_ERR_MISSING",
      `There is no thread ${id} ${at(place)}: check the id, the region and the workspace.`,
    );
  }
}

/** An `adoptId` that cannot be taken over. */
export class AdoptionError extends DashScopeError {
  constructor(reason: string) {
    super("DASHSCOPE_ERR_ADOPTION", reason);
  }
}
