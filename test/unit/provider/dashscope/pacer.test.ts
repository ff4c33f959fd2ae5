import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { backoff, Pacer, retryAfter } from "../../../../provider/src/dashscope/pacer";

const never = Number.POSITIVE_INFINITY;

describe("the pacer", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("lets no more requests be under way than it is told", async () => {
    const pacer = new Pacer(3);
    const seen: number[] = [];
    let running = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        pacer.run(never, async () => {
          seen.push(++running);
          await pause(2);
          running--;
        }),
      ),
    );
    expect(Math.max(...seen)).toBe(3);
    expect(seen).toHaveLength(20);
  });

  test("goes on after a request that failed", async () => {
    const pacer = new Pacer(1);
    const failing = pacer.run(never, () => Promise.reject(new Error("broken")));
    const next = pacer.run(never, async () => "next");
    await expect(failing).rejects.toThrow("broken");
    await expect(next).resolves.toBe("next");
  });

  test("holds every request until the cooldown that one of them caused is over", async () => {
    const pacer = new Pacer(4);
    const sent = performance.now();
    pacer.throttled(sent, 60);
    const times = await Promise.all(
      Array.from({ length: 4 }, () => pacer.run(never, async () => performance.now())),
    );
    for (const time of times) expect((time ?? 0) - sent).toBeGreaterThanOrEqual(59);
  });

  test("holds a request that was waiting when the cooldown was made longer", async () => {
    const pacer = new Pacer(4);
    const started = performance.now();
    pacer.throttled(started, 20);
    const waiting = pacer.run(never, async () => performance.now());
    pacer.throttled(started, 80);
    expect(((await waiting) ?? 0) - started).toBeGreaterThanOrEqual(79);
  });

  test("does not send what could be sent only after its deadline, and says so at once", async () => {
    const pacer = new Pacer(1);
    pacer.throttled(performance.now(), 3_600_000);
    const request = jest.fn(async () => "sent");
    await expect(pacer.run(performance.now() + 1000, request)).resolves.toBeUndefined();
    expect(request).not.toHaveBeenCalled();
  });

  test("does not send what got its turn after its deadline", async () => {
    const pacer = new Pacer(1);
    const request = jest.fn(async () => "sent");
    const first = pacer.run(never, () => pause(20));
    await expect(pacer.run(performance.now() + 5, request)).resolves.toBeUndefined();
    await first;
    expect(request).not.toHaveBeenCalled();
  });

  test("lets a quarter fewer be under way after a refusal, down to one, and counts refusals of one moment as one", () => {
    const pacer = new Pacer(16);
    const sent = performance.now();
    for (let refusal = 0; refusal < 16; refusal++) pacer.throttled(sent);
    expect(pacer.limit).toBe(12);
    for (let refusal = 0; refusal < 20; refusal++) pacer.throttled(performance.now());
    expect(pacer.limit).toBe(1);
  });

  test("recovers step by step while requests are answered, and not beyond its maximum", () => {
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

  test("wakes those who wait when more may be under way again", async () => {
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

  test("starts requests at once while nothing is refused, and apart from each other afterwards", async () => {
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

  test("lets requests come closer again while they are answered", () => {
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

  test("waits twice as long at each refusal in a row, up to a bound, and starts anew after an answer", () => {
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

  test("waits as long as the server asks, when that is longer", () => {
    const pacer = new Pacer(4);
    pacer.throttled(performance.now(), 20_000);
    expect(pacer.pause).toBeGreaterThan(19_000);
    pacer.throttled(performance.now(), 1);
    expect(pacer.pause).toBeGreaterThan(19_000);
  });
});

describe("the pause before a repetition", () => {
  beforeEach(() => {
    jest.restoreAllMocks();
  });

  test("is drawn below a bound that doubles from half a second to half a minute", () => {
    jest.spyOn(Math, "random").mockReturnValue(1);
    expect([0, 1, 2, 5, 6, 60].map(backoff)).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000]);
    jest.spyOn(Math, "random").mockReturnValue(0);
    expect(backoff(5)).toBe(0);
  });
});

describe("a Retry-After header", () => {
  const now = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");

  test.each([
    ["0", 0],
    ["2", 2000],
    [" 1.5 ", 1500],
    ["Sun, 06 Nov 1994 08:49:40 GMT", 3000],
    ["Sun, 06 Nov 1994 08:49:00 GMT", 0],
  ])("of %j asks for %d ms", (header, milliseconds) => {
    expect(retryAfter(header, now)).toBe(milliseconds);
  });

  test.each([undefined, "", "soon", "-", "NaN"])("of %j asks for nothing", (header) => {
    expect(retryAfter(header, now)).toBeUndefined();
  });
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
