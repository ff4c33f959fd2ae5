import { afterAll, beforeAll, describe, jest } from "@jest/globals";
import { closeStacks } from "../../../scripts/engine/stack";
import { readMissingCliReason } from "./availability";

const timeLimit = 240_000;

export function describeEngine(name: string, tests: () => void): void {
  const reason = readMissingCliReason();
  if (reason !== undefined && process.env["CI"] !== "true") {
    describe.skip(name, tests);
    return;
  }
  describe(name, () => {
    jest.setTimeout(timeLimit);
    beforeAll(() => {
      if (reason !== undefined) throw new Error(reason);
    });
    afterAll(closeStacks);
    tests();
  });
}
