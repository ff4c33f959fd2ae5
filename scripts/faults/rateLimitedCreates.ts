import type { RateLimit, StoredThread } from "dashscope-emulator";
import { provider } from "../host/dynamicHost";
import { Fixture } from "../host/fixture";

/** The limits that creates meet. The last is the hardest: a request that is a millisecond early is refused. */
export const limits: Readonly<Record<string, RateLimit>> = {
  "a limit without Retry-After": { requestsPerSecond: 10 },
  "a limit with Retry-After": { requestsPerSecond: 10, retryAfter: true },
  "a limit without bursts": { requestsPerSecond: 10, burst: 1 },
};

export const threads = 100;
const parallel = 32;

/** The result of creates under a rate limit. */
export interface LimitedCreates {
  /** What the hooks returned. */
  readonly ids: readonly string[];
  /** The threads that exist. */
  readonly made: readonly StoredThread[];
  readonly refused: number;
  /** The time it took, divided by the time that the limit itself requires. */
  readonly ratio: number;
}

/** Runs 100 creates, 32 at once, through the real host under a rate limit. */
export async function createUnderLimit(rateLimit: RateLimit): Promise<LimitedCreates> {
  const fixture = new Fixture();
  try {
    const emulator = await fixture.startEmulator({ rateLimit });
    const host = await fixture.startHostOn(emulator);
    await host.check({ __provider: provider });

    const started = performance.now();
    const left = Array.from({ length: threads }, (_, number) => `${number}`).values();
    const ids: string[] = [];
    const lanes = Array.from({ length: parallel }, async () => {
      for (const name of left) ids.push((await host.create({ metadata: { name }, __provider: provider })).id);
    });
    await Promise.all(lanes);
    const seconds = (performance.now() - started) / 1000;

    const { requestsPerSecond, burst = requestsPerSecond } = rateLimit;
    return {
      ids,
      made: emulator.threads(),
      refused: emulator.requests().filter(({ status }) => status === 429).length,
      ratio: seconds / ((threads - burst) / requestsPerSecond),
    };
  } finally {
    await fixture.close();
  }
}
