import { setTimeout as sleep } from "node:timers/promises";

/**
 * Paces all requests of this process together: how many are under way, and one cooldown that a throttled request imposes
 * on every other. DashScope limits an account, not a connection, so one refusal speaks for all.
 */
export class Pacer {
  readonly #maximum: number;
  #limit: number;
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
   * Runs one request in its turn: when a place is free and no cooldown is on.
   *
   * @param deadline when it has to be sent by (`performance.now()`); if it cannot be, `undefined` comes back
   */
  async run<T>(deadline: number, request: () => Promise<T>): Promise<T | undefined> {
    while (this.#running >= this.#limit) await new Promise<void>((turn) => this.#waiting.push(turn));
    this.#running++;
    try {
      // Another request may be throttled while this one waits for the cooldown to end.
      for (let pause = this.pause; pause > 0; pause = this.pause) {
        if (performance.now() + pause >= deadline) return undefined;
        await sleep(pause);
      }
      return performance.now() < deadline ? await request() : undefined;
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
   * @param retryAfter milliseconds the server asked to wait; absent: a growing pause with full jitter
   */
  throttled(sentAt: number, retryAfter?: number): void {
    const now = performance.now();
    if (sentAt >= this.#pausedAt) {
      this.#pausedAt = now;
      this.#streak = 0;
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
      this.#pausedUntil = Math.max(this.#pausedUntil, now + backoff(this.#strikes++));
    }
    if (retryAfter !== undefined) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfter);
  }

  /** A request was answered: the account is not throttled, so one more may be tried after every full round. */
  answered(): void {
    this.#strikes = 0;
    if (this.#limit < this.#maximum && ++this.#streak >= this.#limit) {
      this.#streak = 0;
      this.#limit++;
      this.#wake();
    }
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
