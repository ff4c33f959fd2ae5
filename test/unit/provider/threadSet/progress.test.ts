import { afterEach, expect, jest, test } from "@jest/globals";
import { Progress } from "../../../../provider/src/threadSet/progress";
import { buildAccount } from "../fakeAccount";

afterEach(() => {
  jest.useRealTimers();
});

test("a long operation reports its progress every five seconds until it ends", async () => {
  jest.useFakeTimers();
  const account = buildAccount();
  const progress = new Progress(35, account);
  for (let step = 0; step < 20; step++) progress.count(false);
  progress.count(true);
  await jest.advanceTimersByTimeAsync(4_999);
  expect(account.notices).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(account.notices).toEqual(["info: ThreadSet: 20 of 35 threads done, 1 failed."]);
  progress.stop();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(account.notices).toHaveLength(1);
});
