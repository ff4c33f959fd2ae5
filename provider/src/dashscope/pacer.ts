import { setTimeout as sleep } from "node:timers/promises";

// At most twenty a second right after a first refusal; then it is found out what DashScope takes.
const firstSpacing = 50;
const longestCooldown = 30_000;

/**
 * Paces all requests of this process together: how many are under way, how far apart they start, and one cooldown that a
 * throttled request imposes on every other. DashScope limits an account, not a connection, so one refusal speaks for all.
 */
export class Pacer {
  readonly #maximum: number;
  #limit: number;
  /** Milliseconds from one start to the next. */
  #spacing = 0;
  #nextStart = 0;
  #running = 0;
  #streak = 0;
  #strikes = 0;
  #pausedUntil = 0;
  #pausedAt = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param maximum how many requests may be under way at once */
  constructor(maximum: number) {
    this.#maximum = maximum;
    this.#limit = maximum;
  }

  /** How many requests may be under way now: falls under throttling, and recovers. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Runs one request in its turn: when a place is free, no cooldown is on and the last start is long enough ago.
   *
   * @param deadline when it has to be sent by (`performance.now()`); if it cannot be, `undefined` comes back
   */
  async run<T>(deadline: number, request: () => Promise<T>): Promise<T | undefined> {
    while (this.#running >= this.#limit) await new Promise<void>((turn) => this.#waiting.push(turn));
    this.#running++;
    try {
      // Another request may start or be throttled while this one waits.
      for (let wait = this.#wait; wait > 0; wait = this.#wait) {
        if (performance.now() + wait >= deadline) return undefined;
        await sleep(wait);
      }
      const now = performance.now();
      if (now >= deadline) return undefined;
      this.#nextStart = now + this.#spacing;
      return await request();
    } finally {
      this.#running--;
      this.#wake();
    }
  }

  /** Milliseconds until the cooldown is over; 0 when there is none. */
  get pause(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
  }

  /**
   * A request that left at `sentAt` (`performance.now()`) was throttled. Of many refused together only the first counts:
   * the others left before the cooldown could hold them.
   *
   * @param retryAfter milliseconds the server asked to wait; in any case the pause doubles with each refusal in a row
   */
  throttled(sentAt: number, retryAfter?: number): void {
    const now = performance.now();
    if (sentAt >= this.#pausedAt) {
      this.#pausedAt = now;
      this.#streak = 0;
      this.#limit = Math.max(1, Math.floor(this.#limit * 0.75));
      // A refusal in a row says that it is still too early, not that the last spacing was too narrow.
      if (this.#strikes === 0) this.#spacing = Math.max(firstSpacing, this.#spacing * 1.25);
      const pause = Math.min(longestCooldown, this.#spacing * 2 ** this.#strikes++);
      // With jitter, for other processes of the same account.
      this.#pausedUntil = Math.max(this.#pausedUntil, now + pause * (0.5 + Math.random()));
    }
    if (retryAfter !== undefined) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfter);
  }

  /** A request was answered: the account is not throttled, so a little more may be tried. */
  answered(): void {
    this.#strikes = 0;
    this.#spacing *= 0.99;
    if (this.#limit < this.#maximum && ++this.#streak >= this.#limit) {
      this.#streak = 0;
      this.#limit++;
      this.#wake();
    }
  }

  /** Milliseconds until the next request may start. */
  get #wait(): number {
    return Math.max(this.pause, this.#nextStart - performance.now());
  }

  #wake(): void {
    for (let free = this.#limit - this.#running; free > 0; free--) this.#waiting.shift()?.();
  }
}

/** Milliseconds before try number `tries` + 1: full jitter below a bound that doubles, from half a second to 30 s. */
export function backoff(tries: number): number {
  return Math.random() * Math.min(30_000, 500 * 2 ** tries);
}

/** Milliseconds that a `Retry-After` header asks for, given as seconds or as a date; absent when it says neither. */
export function retryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
