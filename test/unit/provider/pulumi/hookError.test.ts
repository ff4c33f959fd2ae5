import { describe, expect, test } from "@jest/globals";
import { MissingKeyError } from "../../../../provider/src/dashscope/errors";
import { reported } from "../../../../provider/src/pulumi/hookError";
import { IncompleteThreadError } from "../../../../provider/src/thread/errors";

const text = "exports.handler = …";

describe("an error of a hook", () => {
  test("is its sentence, and next to nothing where the host prints a stack", async () => {
    const error = await failure(new MissingKeyError());
    expect(error.message).toMatch(/^There is no DashScope API key\. Set /);
    expect(`${error}: ${error.stack}`).toBe("pulumi-dashscope: DASHSCOPE_ERR_NO_KEY");
    expect(error).not.toHaveProperty("id");
  });

  test("of a thread that exists carries what the engine keeps it by", async () => {
    const state = { baseUrl: "https://a.example", metadata: { a: "1" } };
    const error = await failure(
      new IncompleteThreadError("thread_1", state, "Thread thread_1 exists, but …"),
    );
    expect(error).toMatchObject({
      id: "thread_1",
      properties: { ...state, __provider: text },
      reasons: ["Thread thread_1 exists, but … [DASHSCOPE_ERR_INCOMPLETE]"],
      message: "Thread thread_1 exists, but … [DASHSCOPE_ERR_INCOMPLETE]",
    });
  });

  test("that is no error of ours stays what it is", async () => {
    const defect = new TypeError("x is not a function");
    expect(await failure(defect)).toBe(defect);
  });
});

test("what a hook brings comes through", async () => {
  await expect(reported(text, async () => 7)).resolves.toBe(7);
});

async function failure(thrown: Error): Promise<Error> {
  const error: unknown = await reported(text, () => Promise.reject(thrown)).catch(
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error("It did not fail.");
}
