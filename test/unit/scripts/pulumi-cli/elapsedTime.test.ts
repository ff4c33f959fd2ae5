import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { showProgress } from "../../../../scripts/pulumi-cli/elapsedTime";

let written: string[];

beforeEach(() => {
  written = [];
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function show(screen: { isTTY: boolean; columns: number }): () => void {
  return showProgress("Building", () => ["7 done"], { ...screen, write: (text) => written.push(text) });
}

test("progress is a line every 20 seconds if standard error isn't a terminal", () => {
  const end = show({ isTTY: false, columns: 80 });
  jest.advanceTimersByTime(65_000);
  end();
  jest.advanceTimersByTime(60_000);
  expect(written).toEqual([
    "Building: 20 s, 7 done\n",
    "Building: 40 s, 7 done\n",
    "Building: 1 min 0 s, 7 done\n",
  ]);
});

test("progress is one line on a terminal, fits into its width, and disappears at the end", () => {
  const end = show({ isTTY: true, columns: 14 });
  jest.advanceTimersByTime(2_000);
  end();
  expect(written).toEqual(["\r\u001b[KBuilding: 1 s", "\r\u001b[KBuilding: 2 s", "\r\u001b[K"]);
});
