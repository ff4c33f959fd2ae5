/** The time of the objects that the emulator keeps; tests move it forward. */
export class Clock {
  #ahead = 0;

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** @throws Error if `ms` isn't a number of milliseconds from 0. */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) throw new Error("`ms` must be a number of milliseconds from 0.");
    this.#ahead += ms;
  }
}
