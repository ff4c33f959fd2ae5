import { AdoptionError } from "./errors";

/**
 * The threads that this operation has taken over, by their ids alone: one thread can be reached at several addresses, and
 * with its workspace named or not.
 */
export class Adoptions {
  readonly #claimed = new Set<string>();

  /** @throws AdoptionError when another resource of the same operation takes over the same thread */
  claim(id: string): void {
    if (this.has(id)) {
      throw new AdoptionError(
        `adoptId names ${id}, which another Thread adopts in the same update: declare it once.`,
      );
    }
    this.#claimed.add(id);
  }

  /** It has not been taken over after all, so whoever manages it still does. */
  release(id: string): void {
    this.#claimed.delete(id);
  }

  has(id: string): boolean {
    return this.#claimed.has(id);
  }
}
