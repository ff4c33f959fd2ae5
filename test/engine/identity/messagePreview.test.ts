import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Thread, type ThreadMessage } from "pulumi-dashscope";
import { describeEngine, newStack } from "../setup";
import { silent } from "./account";
import { readStateFile, threadIds } from "./record";

describeEngine("the messages of a thread", () => {
  test("are equal with and without empty parts, and a preview shows the one that changes unless it's secret", async () => {
    const program = (plain: ThreadMessage, secret: string) => async () => {
      new Thread("plain", { messages: [plain, { role: "assistant", content: "the answer" }] });
      new Thread("secret", { messages: [{ role: "user", content: pulumi.secret(secret) }] });
    };
    const stack = await newStack(
      { env: silent },
      program({ role: "user", content: "the question" }, "secret-value"),
    );
    await stack.up();
    const ids = threadIds(stack);
    const state = await readStateFile(stack);
    expect(state).toContain("the question");
    expect(state).not.toContain("secret-value");

    stack.program = program(
      { metadata: {}, fileIds: [], content: "the question", role: "user" },
      "secret-value",
    );
    expect((await stack.up()).changes).toEqual({ same: 3 });
    expect(threadIds(stack)).toEqual(ids);

    stack.program = program({ role: "user", content: "another question" }, "other-secret");
    const { output, changes } = await stack.preview({ diff: true });
    expect(changes).toEqual({ replace: 2, same: 1 });
    expect(output).toMatch(/~ content\s*: "the question" => "another question"/);
    expect(output).not.toMatch(/[~+-] content\s*: "the answer"/);
    expect(output).not.toMatch(/secret-value|other-secret/);
  });
});
