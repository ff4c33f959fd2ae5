import { expect, test } from "@jest/globals";
import { declareSupport } from "./declarations";
import { describeEngine, newStack } from "./setup";

describeEngine("a throttled account", () => {
  test("a wait of more than five seconds for a throttled account is reported once, before it ends", async () => {
    const stack = await newStack({}, declareSupport());
    stack.emulator.setFaults([
      {
        kind: "error",
        status: 429,
        code: "Throttling.RateQuota",
        message: "Requests rate limit exceeded.",
        retryAfter: "7",
        verb: "create",
        times: 1,
      },
    ]);
    const { events } = await stack.up();
    const notices = events.filter(({ diagnosticEvent }) => /throttl/i.test(diagnosticEvent?.message ?? ""));
    expect(notices).toHaveLength(1);
    const [notice] = notices;
    expect(notice?.diagnosticEvent?.message).toMatch(/\d+ ?s/);
    const created = events.find(({ resOutputsEvent }) =>
      resOutputsEvent?.metadata.urn.endsWith("dashscope:Thread::support"),
    );
    expect(created?.sequence).toBeGreaterThan(notice?.sequence ?? Number.POSITIVE_INFINITY);
    expect(stack.emulator.threads()).toHaveLength(1);
  });
});
