import { expect, test } from "@jest/globals";
import { getThread } from "pulumi-dashscope";
import { describeEngine, newStack } from "../setup";
import { silent } from "./account";

describeEngine("the error of a lookup", () => {
  test("carries the code, and the status and the request ID of an answer", async () => {
    const errors: unknown[] = [];
    const stack = await newStack({ env: silent }, async () => {
      errors.push(await getThread({ id: "thread_of-nobody" }).catch((error: unknown) => error));
    });
    await stack.preview();
    stack.env["DASHSCOPE_API_KEY"] = "sk-dead";
    await stack.preview();
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(errors).toMatchObject([
      { code: "DASHSCOPE_ERR_MISSING", status: 400, requestId },
      { code: "DASHSCOPE_ERR_AUTHENTICATION", status: 401, requestId },
    ]);
  });
});
