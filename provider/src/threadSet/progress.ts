import type { Account } from "../resource/lifecycle";

const reportInterval = 5_000;

/** Reports a long operation every few seconds: how many of its steps are done. */
export class Progress {
  readonly #total: number;
  readonly #account: Account;
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #failed = 0;

  constructor(total: number, account: Account, interval = reportInterval) {
    this.#total = total;
    this.#account = account;
    this.#timer = setInterval(() => void this.#report(), interval);
    this.#timer.unref();
  }

  /** Counts a step that has ended. */
  count(isFailed: boolean): void {
    if (isFailed) this.#failed++;
    else this.#done++;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #report(): Promise<void> {
    const { isThrottled } = await this.#account.getClient();
    this.#account.notify(
      "info",
      `ThreadSet: ${this.#done} of ${this.#total} threads done, ${this.#failed} failed${isThrottled ? ", throttled" : ""}.`,
    );
  }
}
