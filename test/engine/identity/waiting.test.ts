import { expect, test } from "@jest/globals";
import { describeEngine, newStack } from "../setup";
import { declareSupport, silent } from "./account";

describeEngine("a throttled account", () => {
  test("that makes a create wait more than five seconds is reported once, with the seconds, before the end", async () => {
    const stack = await newStack({ env: silent }, declareSupport());
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
