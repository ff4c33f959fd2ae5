import { DashScopeError } from "../dashscope/errors";
import type { Place } from "../dashscope/place";

/** An `adoptId` that cannot be taken over. */
export class AdoptionError extends DashScopeError {
  constructor(reason: string) {
    super("DASHSCOPE_ERR_ADOPTION", reason);
  }
}

/** The threads that this operation has taken over. */
export class Adoptions {
  readonly #claimed = new Set<string>();

  /** @throws AdoptionError when another resource of the same operation takes over the same thread */
  claim(id: string, place: Place): void {
    if (this.has(id, place)) {
      throw new AdoptionError(
        `adoptId names ${id}, which another Thread adopts in the same update: declare it once.`,
      );
    }
    this.#claimed.add(keyOf(id, place));
  }

  /** It has not been taken over after all, so whoever manages it still does. */
  release(id: string, place: Place): void {
    this.#claimed.delete(keyOf(id, place));
  }

  has(id: string, place: Place): boolean {
    return this.#claimed.has(keyOf(id, place));
  }
}

function keyOf(id: string, { baseUrl, workspace }: Place): string {
  return JSON.stringify([id, baseUrl, workspace]);
}
