import { expect, test } from "@jest/globals";
import { describeEngine, listFrontEnds, newStack } from "./setup";

describeEngine("a throttled account", () => {
  test("a wait of more than five seconds for a throttled account is reported once by each front end, before it ends", async () => {
    const stack = await newStack({}, async () => {
      for (const { Thread } of listFrontEnds()) new Thread("support");
    });
    stack.emulator.setFaults([
      {
        kind: "error",
        status: 429,
        code: "Throttling.RateQuota",
        message: "Requests rate limit exceeded.",
        retryAfter: "7",
        verb: "create",
        times: 2,
      },
    ]);
    const { events } = await stack.up();
    const notices = events.filter(({ diagnosticEvent }) => /throttl/i.test(diagnosticEvent?.message ?? ""));
    expect(notices).toHaveLength(2);
    const created = events.find(({ resOutputsEvent }) =>
      resOutputsEvent?.metadata.urn.endsWith(":Thread::support"),
    );
    for (const { diagnosticEvent, sequence } of notices) {
      expect(diagnosticEvent?.message).toMatch(/\d+ ?s/);
      expect(created?.sequence).toBeGreaterThan(sequence);
    }
    expect(stack.emulator.threads()).toHaveLength(2);
  });
});
