import { expect, test } from "@jest/globals";
import { DashScopeError } from "../../../../provider/src/dashscope/errors";
import { leaveOutRepetitions, runHook } from "../../../../provider/src/host/hookError";
import { IncompleteError } from "../../../../provider/src/resource/errors";
import { catchError } from "../testServer";

const run = (error: Error) =>
  catchError(
    runHook("text", () => Promise.reject(error)),
    Error,
  );

test("what the host prints of an error that the engine shows is left out, and everything else is printed", async () => {
  const error = await run(new DashScopeError("DASHSCOPE_ERR_NO_KEY", "There is no key."));
  expect(error.message).toBe("There is no key. [DASHSCOPE_ERR_NO_KEY]");
  expect(error).not.toHaveProperty("id");

  const printed: unknown[] = [];
  const original = console.error;
  console.error = (...values) => printed.push(...values);
  try {
    leaveOutRepetitions();
    // As the host does.
    console.error(`${error}: ${error.stack}`);
    console.error("Another line", 1);
  } finally {
    console.error = original;
  }
  expect(printed).toEqual(["Another line", 1]);
});

test("an authentication error says how to use a rotated key, before its code", async () => {
  const { message } = await run(new DashScopeError("DASHSCOPE_ERR_AUTHENTICATION", "Wrong key."));
  expect(message).toMatch(
    /^Wrong key\. .*`--run-program`.*`DASHSCOPE_OVERRIDE_API_KEY`.*\[DASHSCOPE_ERR_AUTHENTICATION\]$/,
  );
});

test("an incomplete resource carries what the engine keeps it by", async () => {
  const state = { baseUrl: "https://a.example", metadata: { a: "1" } };
  expect(await run(new IncompleteError("thread_1", state, "It exists, but …"))).toMatchObject({
    id: "thread_1",
    properties: { ...state, __provider: "text" },
    reasons: ["It exists, but … [DASHSCOPE_ERR_INCOMPLETE]"],
    message: "It exists, but … [DASHSCOPE_ERR_INCOMPLETE]",
  });
});

test("a defect stays as it is, and a result passes through", async () => {
  const defect = new TypeError("x is not a function");
  expect(await run(defect)).toBe(defect);
  await expect(runHook("text", async () => 7)).resolves.toBe(7);
});
