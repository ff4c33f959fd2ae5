import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Provider, Thread, type ThreadArgs, type ThreadMessage } from "pulumi-dashscope";
import { createThread } from "../outsider";
import { describeEngine, catchFailure, newStack } from "../setup";
import { accounts, declareSupport, foreignKey, silent } from "./account";
import { deletions, readStateFile, threadIds } from "./record";
import { readDiagnostics } from "./report";

describeEngine("the preview of an adoption", () => {
  test("lists the metadata keys that the adoption removes, after one read", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, async () => {});
    const adoptId = await createThread(stack, { metadata: { env: "dev", owner: "acme", plan: "gold" } });
    stack.emulator.clearRequests();
    stack.program = declareSupport({ adoptId, metadata: { env: "prod" } });
    const preview = await stack.preview();
    const lines = readDiagnostics(preview).filter((line) => line.includes(adoptId));
    expect(lines).toEqual([expect.stringMatching(/owner.*plan/)]);
    expect(preview.output).not.toContain("acme");
    expect(stack.emulator.requests().map(({ method, path }) => [method, path])).toEqual([
      ["GET", expect.stringContaining(adoptId)],
    ]);
  });

  test("fails for a thread that doesn't exist, or that the Provider's account doesn't have", async () => {
    const stack = await newStack(
      { env: silent, emulator: accounts },
      declareSupport({ adoptId: "thread_of-nobody" }),
    );
    const adoptId = await createThread(stack);
    expect(await catchFailure(stack.preview())).toContain("[DASHSCOPE_ERR_ADOPTION]");

    stack.program = async () => {
      const provider = new Provider("account", { apiKey: foreignKey, baseUrl: stack.emulator.url });
      new Thread("support", { adoptId }, { provider });
    };
    expect(await catchFailure(stack.preview())).toMatch(/\[DASHSCOPE_ERR_(ADOPTION|ACCOUNT)]/);

    stack.env["DASHSCOPE_API_KEY"] = "";
    stack.program = declareSupport({ adoptId });
    const preview = await stack.preview();
    expect(preview.changes).toEqual({ create: 2 });
    expect(readDiagnostics(preview)).toEqual([expect.stringContaining("adoptId")]);
  });
});

describeEngine("a replacement because of another endpoint or workspace", () => {
  test("comes with one line that names the setting, both values and the conversation", async () => {
    const program =
      (ofProvider: string, ofThread: ThreadArgs, ofStack: string[] = ["stack"]) =>
      async () => {
        const provider = new Provider("account", { workspace: ofProvider });
        new Thread("by-provider", {}, { provider });
        const plain = new Provider("plain", {});
        new Thread("by-program", ofThread, { provider: plain });
        for (const name of ofStack) new Thread(`by-${name}`);
      };
    const stack = await newStack({ env: silent }, program("ws-one", { workspace: "ws-two" }));
    await stack.up();

    const baseUrl = stack.emulator.url.replace("127.0.0.1", "localhost");
    await stack.configure({ "dashscope:baseUrl": { value: baseUrl } });
    stack.program = program("ws-three", { workspace: "ws-four" });
    const preview = await stack.preview();
    expect(preview.changes).toEqual({ replace: 3, update: 1, same: 2 });
    const lines = readDiagnostics(preview).filter((line) => line.includes("conversation"));
    const containing = (...words: string[]) =>
      lines.filter((line) => words.every((word) => line.includes(word))).length;
    expect(lines).toHaveLength(3);
    expect(containing("workspace", "ws-one", "ws-three")).toBe(1);
    expect(containing("workspace", "ws-two", "ws-four")).toBe(1);
    expect(containing("baseUrl", stack.emulator.url, baseUrl)).toBe(1);
    expect(deletions(stack)).toEqual([]);
  });
});

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
