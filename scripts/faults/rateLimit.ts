import type { RateLimit, StoredThread } from "dashscope-emulator";
import { provider } from "../host/host";
import { Opened } from "../host/opened";

/** The limits that creates run into. The last is the hardest: whoever comes a millisecond too early is refused. */
export const limits: Readonly<Record<string, RateLimit>> = {
  "that says nothing more": { requestsPerSecond: 10 },
  "that says how long to wait": { requestsPerSecond: 10, retryAfter: true },
  "that lets nothing come at once": { requestsPerSecond: 10, burst: 1 },
};

export const threads = 100;
const parallel = 32;

export interface UnderLimit {
  /** What the hooks answered. */
  readonly ids: readonly string[];
  /** What is there. */
  readonly made: readonly StoredThread[];
  readonly refused: number;
  /** The time it took, in times of what the limit itself asks for. */
  readonly ratio: number;
}

/** 100 creates, 32 at once, through the real host against a limit of requests a second. */
export async function createUnderLimit(rateLimit: RateLimit): Promise<UnderLimit> {
  const opened = new Opened();
  try {
    const emulator = await opened.emulator({ rateLimit });
    const host = await opened.hostOn(emulator);
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
    await opened.close();
  }
}
