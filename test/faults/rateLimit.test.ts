import { afterAll, describe, expect, jest, test } from "@jest/globals";
import type { RateLimit } from "dashscope-emulator";
import { provider } from "../host/host";
import { Opened } from "../host/opened";

jest.setTimeout(120_000);

const opened = new Opened();
const threads = 100;
const parallel = 32;

afterAll(() => opened.close());

describe("100 creates, 32 at once, against a limit of 10 requests a second", () => {
  // The last one is harder than what is asked for: whoever comes a millisecond too early is refused.
  test.concurrent.each<[string, RateLimit, number]>([
    ["that says nothing more", { requestsPerSecond: 10 }, 1.3],
    ["that says how long to wait", { requestsPerSecond: 10, retryAfter: true }, 1.3],
    ["that lets nothing come at once", { requestsPerSecond: 10, burst: 1 }, 2],
  ])(
    "%s: all succeed, no thread is made twice, and it takes little longer than the limit asks for",
    async (_, rateLimit, bound) => {
      const emulator = await opened.emulator({ rateLimit });
      const host = await opened.hostOn(emulator);
      await host.check({ __provider: provider });

      const started = performance.now();
      const left = Array.from({ length: threads }, (_, number) => `${number}`).values();
      const ids: string[] = [];
      const lanes = Array.from({ length: parallel }, async () => {
        for (const name of left)
          ids.push((await host.create({ metadata: { name }, __provider: provider })).id);
      });
      await Promise.all(lanes);
      const seconds = (performance.now() - started) / 1000;

      const made = emulator.threads();
      expect(made.map(({ id }) => id).sort()).toEqual(ids.sort());
      expect(new Set(made.map(({ metadata }) => metadata["name"])).size).toBe(threads);
      const { requestsPerSecond, burst = requestsPerSecond } = rateLimit;
      expect(seconds / ((threads - burst) / requestsPerSecond)).toBeLessThan(bound);
    },
  );
});
