import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { computeBackoff, Pacer, parseRetryAfter } from "../../../../provider/src/dashscope/pacer";

const never = () => Number.POSITIVE_INFINITY;

describe("Pacer", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("the pacer continues after a request that failed", async () => {
    const pacer = new Pacer(1);
    const failing = pacer.run(never, () => Promise.reject(new Error("broken")));
    const next = pacer.run(never, async () => "next");
    await expect(failing).rejects.toThrow("broken");
    await expect(next).resolves.toBe("next");
  });

  test("the pacer holds every request until the cooldown that one of them caused is over", async () => {
    const pacer = new Pacer(4);
    const sent = performance.now();
    pacer.throttled(sent, 60);
    const times = await Promise.all(
      Array.from({ length: 4 }, () => pacer.run(never, async () => performance.now())),
    );
    for (const time of times) expect((time ?? 0) - sent).toBeGreaterThanOrEqual(59);
  });

  test("the pacer holds a waiting request longer if the cooldown grows", async () => {
    const pacer = new Pacer(4);
    const started = performance.now();
    pacer.throttled(started, 20);
    const waiting = pacer.run(never, async () => performance.now());
    pacer.throttled(started, 80);
    expect(((await waiting) ?? 0) - started).toBeGreaterThanOrEqual(79);
  });

  test("the pacer gives up at once if a request could be sent only after its deadline", async () => {
    const pacer = new Pacer(1);
    pacer.throttled(performance.now(), 3_600_000);
    const request = jest.fn(async () => "sent");
    await expect(pacer.run(() => performance.now() + 1000, request)).resolves.toBeUndefined();
    expect(request).not.toHaveBeenCalled();
  });

  test("a request that's interrupted as its turn comes leaves the turn to the next one", async () => {
    const pacer = new Pacer(1);
    const interruption = new AbortController();
    const first = pacer.run(never, async () => {
      await sleep(10);
      // After the pacer has woken the second request, and before that one continues.
      queueMicrotask(() => queueMicrotask(() => interruption.abort()));
    });
    const interrupted = pacer.run(never, async () => "sent", interruption.signal);
    const next = pacer.run(never, async () => "next");
    await first;
    await expect(interrupted).resolves.toBeUndefined();
    await expect(next).resolves.toBe("next");
  });

  test("the pacer asks for a deadline when the request's turn has come, not when it's queued", async () => {
    const pacer = new Pacer(1);
    const getDeadline = jest.fn(() => performance.now() + 50);
    const first = pacer.run(never, () => sleep(100));
    const second = pacer.run(getDeadline, async () => "sent");
    expect(getDeadline).not.toHaveBeenCalled();
    await first;
    await expect(second).resolves.toBe("sent");
  });

  test("the pacer sends nothing after a deadline that is over", async () => {
    const request = jest.fn(async () => "sent");
    await expect(new Pacer(1).run(() => performance.now(), request)).resolves.toBeUndefined();
    expect(request).not.toHaveBeenCalled();
  });

  test("a refusal lowers the limit by a quarter, down to one, and refusals of one moment count as one", () => {
    const pacer = new Pacer(16);
    const sent = performance.now();
    for (let refusal = 0; refusal < 16; refusal++) pacer.throttled(sent);
    expect(pacer.limit).toBe(12);
    for (let refusal = 0; refusal < 20; refusal++) pacer.throttled(performance.now());
    expect(pacer.limit).toBe(1);
  });

  test("the limit recovers step by step while requests are answered, and not beyond its maximum", () => {
    const pacer = new Pacer(4);
    pacer.throttled(performance.now());
    expect(pacer.limit).toBe(3);
    pacer.answered();
    pacer.answered();
    expect(pacer.limit).toBe(3);
    pacer.answered();
    expect(pacer.limit).toBe(4);
    for (let answer = 0; answer < 100; answer++) pacer.answered();
    expect(pacer.limit).toBe(4);
  });

  test("the pacer wakes a waiting request when the limit grows", async () => {
    const pacer = new Pacer(2);
    let end = () => {};
    // Under way before the cooldown, after which either could start first.
    const first = pacer.run(
      never,
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    pacer.throttled(performance.now());
    expect(pacer.limit).toBe(1);
    const second = pacer.run(never, async () => "while the first is under way");
    pacer.answered();
    await expect(second).resolves.toBe("while the first is under way");
    end();
    await first;
  });

  test("the pacer starts requests at once until one is refused, and spaces them afterwards", async () => {
    const starts = async (pacer: Pacer) => {
      const times: number[] = [];
      await Promise.all(
        Array.from({ length: 5 }, () => pacer.run(never, async () => times.push(performance.now()))),
      );
      return Math.max(...times) - Math.min(...times);
    };
    const pacer = new Pacer(8);
    const together = await starts(pacer);
    pacer.throttled(performance.now());
    const apart = await starts(pacer);
    // Four spaces of at least 50 ms, of which timers may leave out a millisecond each.
    expect(apart).toBeGreaterThanOrEqual(4 * 49);
    expect(together).toBeLessThan(apart);
  });

  test("the spacing shrinks while requests are answered", () => {
    const pacer = new Pacer(8);
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const cooldown = () => {
      pacer.throttled(performance.now());
      return pacer.pause;
    };
    const first = cooldown();
    pacer.answered();
    const second = cooldown();
    for (let answer = 0; answer < 200; answer++) pacer.answered();
    jest.spyOn(performance, "now").mockReturnValue(performance.now() + 10_000);
    expect(second).toBeGreaterThan(first);
    expect(cooldown()).toBeLessThan(second);
  });

  test("the cooldown doubles with each refusal in a row, up to a bound, and starts again after an answer", () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    let now = 1000;
    jest.spyOn(performance, "now").mockImplementation(() => now);
    const pacer = new Pacer(4);
    const pauses = () => {
      now += 100_000;
      pacer.throttled(now);
      return pacer.pause;
    };
    expect([pauses(), pauses(), pauses(), pauses()]).toEqual([50, 100, 200, 400]);
    for (let refusal = 0; refusal < 50; refusal++) pauses();
    expect(pauses()).toBe(30_000);
    pacer.answered();
    expect(pauses()).toBeLessThan(100);
  });

  test("the cooldown lasts as long as the server asks if that is longer", () => {
    const pacer = new Pacer(4);
    pacer.throttled(performance.now(), 20_000);
    expect(pacer.pause).toBeGreaterThan(19_000);
    pacer.throttled(performance.now(), 1);
    expect(pacer.pause).toBeGreaterThan(19_000);
  });

  test("the pacer reports throttling that lasts more than five seconds, at most every 30 seconds", async () => {
    let skipped = 0;
    const getTime = performance.now.bind(performance);
    jest.spyOn(performance, "now").mockImplementation(() => getTime() + skipped);
    const reportWait = jest.fn();
    const pacer = new Pacer(8, reportWait);
    const runThrottledAfter = async (seconds: number) => {
      skipped += seconds * 1000;
      pacer.throttled(performance.now(), 20);
      await pacer.run(never, async () => undefined);
      return reportWait.mock.calls.length;
    };
    expect(await runThrottledAfter(0)).toBe(0);
    expect(await runThrottledAfter(6)).toBe(1);
    expect(await runThrottledAfter(6)).toBe(1);
    expect(await runThrottledAfter(31)).toBe(2);
    pacer.answered();
    expect(await runThrottledAfter(31)).toBe(2);
    expect(reportWait).toHaveBeenCalledWith(1);
  });
});

describe("computeBackoff", () => {
  test("the backoff is drawn below a bound that doubles from half a second to 30 seconds", () => {
    jest.spyOn(Math, "random").mockReturnValue(1);
    expect([0, 1, 2, 5, 6, 60].map(computeBackoff)).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000]);
    jest.spyOn(Math, "random").mockReturnValue(0);
    expect(computeBackoff(5)).toBe(0);
  });
});

describe("parseRetryAfter", () => {
  const now = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");

  test.each([
    ["0", 0],
    ["2", 2000],
    [" 1.5 ", 1500],
    ["Sun, 06 Nov 1994 08:49:40 GMT", 3000],
    ["Sun, 06 Nov 1994 08:49:00 GMT", 0],
    ["3600", 60_000],
    ["9".repeat(400), 60_000],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 60_000],
  ])("a `Retry-After` of %j asks for %d ms", (header, milliseconds) => {
    expect(parseRetryAfter(header, now)).toBe(milliseconds);
  });

  test.each([undefined, "", "soon", "-", "-5", "NaN", "Infinity", "1e9"])(
    "a `Retry-After` of %j asks for nothing",
    (header) => {
      expect(parseRetryAfter(header, now)).toBeUndefined();
    },
  );
});
