import { expect, test } from "@jest/globals";
import type { RateLimit } from "../../../emulator/src/index";
import { call, emulator } from "./requests";

const throttled = {
  code: "Throttling.RateQuota",
  message: "Requests rate limit exceeded, please try again later.",
};

test("the emulator refuses requests over the burst before any work", async () => {
  const target = await emulator({ rateLimit: { requestsPerSecond: 0.1, burst: 2 } });
  const answers = await Promise.all([1, 2, 3, 4].map(() => call(target, "POST", "/threads")));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.body).toEqual({ ...throttled, request_id: refused?.headers.get("x-request-id") });
  expect(refused?.headers.get("retry-after")).toBeNull();
  expect(target.threads()).toHaveLength(2);
});

test("the burst is a second's worth by default, and comes back with time", async () => {
  const target = await emulator({ rateLimit: { requestsPerSecond: 20 } });
  const counted = async (count: number) =>
    (await Promise.all(Array.from({ length: count }, () => call(target, "POST", "/threads")))).filter(
      ({ status }) => status === 200,
    ).length;
  expect(await counted(30)).toBeLessThan(30);
  const before = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const passed = await counted(30);
  const owed = ((performance.now() - before) / 1000) * 20;
  expect(passed).toBeGreaterThanOrEqual(9);
  expect(passed).toBeLessThanOrEqual(Math.ceil(owed) + 1);
});

test("`retryAfter` adds the whole seconds to wait to the answer", async () => {
  const target = await emulator({ rateLimit: { requestsPerSecond: 0.4, burst: 1, retryAfter: true } });
  await call(target, "POST", "/threads");
  const { headers } = await call(target, "POST", "/threads");
  expect(headers.get("retry-after")).toBe("3");
});

test.each<[RateLimit, string]>([
  [{ requestsPerSecond: 0 }, "`rateLimit.requestsPerSecond` must be a number above 0."],
  [{ requestsPerSecond: 1, burst: 0.5 }, "`rateLimit.burst` must be a number from 1."],
])("the emulator refuses the limit %j, which would let nothing pass", async (rateLimit, sentence) => {
  await expect(emulator({ rateLimit })).rejects.toThrow(sentence);
});

test("a request without a key takes nothing from the limit", async () => {
  const target = await emulator({ rateLimit: { requestsPerSecond: 0.1, burst: 1 } });
  await call(target, "POST", "/threads", { headers: { authorization: "" } });
  expect((await call(target, "POST", "/threads")).status).toBe(200);
});
