import { expect, jest, test } from "@jest/globals";
import type { Stack } from "@pulumi/pulumi/automation";
import { runOperation } from "../../../../scripts/quickstart/operation";

test("an error that Pulumi prints on both streams is shown once", async () => {
  const printed: string[] = [];
  const collect = (text: string | Uint8Array) => printed.push(String(text)) > 0;
  jest.spyOn(process.stdout, "write").mockImplementation(collect);
  jest.spyOn(process.stderr, "write").mockImplementation(collect);
  // Nothing is called on it unless the stack is locked.
  const stack: Pick<Stack, "cancel"> = { cancel: async () => undefined };
  const error = "error: `dashscope:reigon` isn't a setting of the provider.\n";
  await runOperation(
    stack,
    async ({ onOutput, onError }) => {
      onOutput(`Previewing update:\n${error}`);
      onError(error);
      onError("error: Another one.\n");
    },
    new AbortController().signal,
  );
  jest.restoreAllMocks();
  expect(printed.join("")).toBe(`Previewing update:\n${error}error: Another one.\n`);
});
