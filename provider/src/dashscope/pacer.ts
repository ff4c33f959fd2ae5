import { setTimeout as sleep } from "node:timers/promises";

// At most twenty a second right after a first refusal; then it is found out what DashScope takes.
const firstSpacing = 50;
const longestCooldown = 30_000;

// DashScope recovers within about a minute, so a server that asks for more isn't believed.
const longestRetryAfter = 60_000;

// Milliseconds of throttling before it's reported, and between two reports.
const unreportedWait = 5_000;
const reportInterval = 30_000;

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
  #throttledSince: number | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;
  readonly #reportWait: (seconds: number) => void;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param maximum how many requests may be under way at once
   * @param reportWait is told, at most every 30 seconds, for how many seconds a throttled account still makes requests wait
   */
  constructor(maximum: number, reportWait: (seconds: number) => void = () => undefined) {
    this.#maximum = maximum;
    this.#limit = maximum;
    this.#reportWait = reportWait;
  }

  /** How many requests may be under way now: falls under throttling, and recovers. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Runs one request in its turn: when fewer than the limit are running, no cooldown is on and the last start is long enough ago.
   *
   * @param getDeadline returns when the request has to be sent by (`performance.now()`). It's called when the request's turn has come.
   * @param ending ends the waiting, but not a request that was sent
   * @returns what the request returns, or `undefined` if it can't be sent in time, or the waiting was ended
   */
  async run<T>(
    getDeadline: () => number,
    request: () => Promise<T>,
    ending?: AbortSignal,
  ): Promise<T | undefined> {
    while (this.#running >= this.#limit && !ending?.aborted) await this.#waitForTurn(ending);
    if (ending?.aborted) {
      // It may have been woken, and doesn't use its turn.
      this.#wake();
      return undefined;
    }
    this.#running++;
    try {
      const deadline = getDeadline();
      // Another request may start or be throttled while this one waits.
      for (let wait = this.#wait; wait > 0; wait = this.#wait) {
        if (performance.now() + wait >= deadline) return undefined;
        this.#reportLongWait(wait);
        await sleepUntilAborted(wait, ending);
        if (ending?.aborted) return undefined;
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

  /** Whether the last answer said that the account is throttled. */
  get isThrottled(): boolean {
    return this.#throttledSince !== undefined;
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
    this.#throttledSince ??= now;
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
    this.#throttledSince = undefined;
    this.#spacing *= 0.99;
    if (this.#limit < this.#maximum && ++this.#streak >= this.#limit) {
      this.#streak = 0;
      this.#limit++;
      this.#wake();
    }
  }

  #waitForTurn(ending: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const take = () => {
        ending?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        resolve();
      };
      ending?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(take);
    });
  }

  #reportLongWait(wait: number): void {
    const now = performance.now();
    if (this.#throttledSince === undefined || now + wait - this.#throttledSince < unreportedWait) return;
    if (now - this.#reportedAt < reportInterval) return;
    this.#reportedAt = now;
    this.#reportWait(Math.ceil(wait / 1000));
  }

  /** Milliseconds until the next request may start. */
  get #wait(): number {
    return Math.max(this.pause, this.#nextStart - performance.now());
  }

  #wake(): void {
    for (let free = this.#limit - this.#running; free > 0; free--) this.#waiting.shift()?.();
  }
}

/** Waits for so many milliseconds, or until the signal aborts. */
export async function sleepUntilAborted(
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { ...(signal && { signal }) });
  } catch {
    // It was ended.
  }
}

/** Milliseconds before try number `tries` + 1: full jitter below a bound that doubles, from half a second to 30 s. */
export function computeBackoff(tries: number): number {
  return Math.random() * Math.min(30_000, 500 * 2 ** tries);
}

/** Milliseconds that a `Retry-After` header asks for, as seconds or as a date, at most a minute. Undefined if it says neither. */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  const text = header?.trim() ?? "";
  // A date begins with its day of the week. JavaScript also reads other text as a date, "-5" among it.
  const asked = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : /^[A-Z][a-z]{2},? /.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), longestRetryAfter);
}
