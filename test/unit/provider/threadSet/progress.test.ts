import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { Progress } from "../../../../provider/src/threadSet/progress";
import { FakeDashScope } from "../fakeDashScope";
import { buildAccount } from "../testAccount";

class TestClient extends FakeDashScope {
  throttles = false;

  override get isThrottled(): boolean {
    return this.throttles;
  }
}

const reportInterval = 5_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("the progress line counts members, and says whether DashScope throttles the account", async () => {
  const client = new TestClient();
  const account = buildAccount({ client });
  const progress = new Progress(3, account);
  progress.count(false);
  await jest.advanceTimersByTimeAsync(reportInterval);
  expect(account.notices).toEqual(["info: ThreadSet: 1 of 3 threads done, 0 failed."]);

  client.throttles = true;
  progress.count(true);
  await jest.advanceTimersByTimeAsync(reportInterval);
  expect(account.notices.at(-1)).toBe("info: ThreadSet: 1 of 3 threads done, 1 failed, throttled.");

  progress.stop();
  await jest.advanceTimersByTimeAsync(10 * reportInterval);
  expect(account.notices).toHaveLength(2);
});
