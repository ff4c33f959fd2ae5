import { describe, expect, jest, test } from "@jest/globals";
import { createUnderLimit, limits, threads } from "../../scripts/faults/rateLimitedCreates";

jest.setTimeout(120_000);

describe("100 creates, 32 at once, under a limit of 10 requests a second", () => {
  // Refused requests cost time. They're counted, because a busy machine doesn't change their number. `npm run faults` prints the time.
  test.concurrent.each(Object.entries(limits))(
    "under %s, all creates succeed once, and few requests are refused",
    async (_, limit) => {
      const { ids, made, refused } = await createUnderLimit(limit);
      expect(made.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(new Set(made.map(({ metadata }) => metadata["name"])).size).toBe(threads);
      expect(refused).toBeLessThan(limit.burst === 1 ? threads : threads / 2);
    },
  );
});
