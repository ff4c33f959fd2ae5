import { describe, expect, jest, test } from "@jest/globals";
import { createUnderLimit, limits, threads } from "./rateLimit";

jest.setTimeout(120_000);

describe("100 creates, 32 at once, against a limit of 10 requests a second", () => {
  // What costs time is requests that are refused. They are counted, since a busy machine changes nothing in that;
  // `npm run faults` prints the time.
  test.concurrent.each(Object.entries(limits))(
    "%s: all succeed, no thread is made twice, and few requests are refused",
    async (_, limit) => {
      const { ids, made, refused } = await createUnderLimit(limit);
      expect(made.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(new Set(made.map(({ metadata }) => metadata["name"])).size).toBe(threads);
      expect(refused).toBeLessThan(limit.burst === 1 ? threads : threads / 2);
    },
  );
});
