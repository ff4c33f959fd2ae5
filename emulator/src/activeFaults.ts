import type { Fault } from "./faults";
import type { Verb } from "./verbs";

/** The faults in force, and how often each still applies. */
export class ActiveFaults {
  #faults: Fault[] = [];
  readonly #random: () => number;

  /** @param seed what `probability` is drawn from: equal seeds and requests meet equal faults. */
  constructor(faults: readonly Fault[], seed: number) {
    this.#random = createRandom(seed);
    this.set(faults);
  }

  /** Replaces all of them. */
  set(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ ...fault }));
  }

  /** Those that still apply, each with what is left of its `times`. */
  list(): Fault[] {
    return this.#faults.map((fault) => ({ ...fault }));
  }

  /** Takes the fault that a request for `verb` meets, and counts it. */
  take(verb: Verb | undefined): Fault | undefined {
    const fault = this.#faults.find(
      (candidate) =>
        (candidate.verb === undefined || candidate.verb === verb) &&
        (candidate.probability === undefined || this.#random() < candidate.probability),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      this.#faults = this.#faults.filter(({ times }) => times !== 0);
    }
    return fault;
  }
}

/** Mulberry32: small, seeded, and even enough to draw faults from. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
