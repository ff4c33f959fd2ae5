import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { type Emulator, startEmulator } from "dashscope-emulator";
import type { ThreadArgs, ThreadMessage } from "pulumi-dashscope";
import * as dynamic from "pulumi-dashscope";
import { accounts, foreignKey, ownKey } from "./accountKeys";
import { declareSupport } from "./declarations";
import { listDeletions, listDiagnostics, listThreadIds } from "./observer";
import { catchFailure, describeEngine, describeFrontEnds, type EngineStack, newStack } from "./setup";

const metadata = { env: "dev" };

/** Sets every variable of the shell that could move a thread. */
function changeShell(stack: EngineStack, other: Emulator): void {
  stack.env["DASHSCOPE_HTTP_BASE_URL"] = other.url;
  stack.env["DASHSCOPE_API_REGION"] = "ap-southeast-1";
  stack.env["DASHSCOPE_WORKSPACE_ID"] = "ws-shell";
}

describeFrontEnds("the endpoint and the workspace of a thread", ({ Provider, Thread }) => {
  test("a preview shows each move as a replacement, with one line, and nothing goes to the new endpoint", async () => {
    const declare = (ofProvider: string, ofThread: ThreadArgs) => async () => {
      const provider = new Provider("account", { workspace: ofProvider });
      new Thread("by-provider", {}, { provider });
      new Thread("by-program", ofThread, { provider: new Provider("plain", {}) });
      new Thread("by-stack");
    };
    const stack = await newStack({}, declare("ws-one", { workspace: "ws-two" }));
    await stack.up();
    const other = await startEmulator({ apiKeys: [ownKey] });
    await stack.configure({ "dashscope:baseUrl": { value: other.url } });
    stack.program = declare("ws-three", { workspace: "ws-four" });
    const preview = await stack.preview({ diff: true });
    expect(preview.changes).toEqual({ replace: 3, update: 1, same: 2 });
    expect(preview.output).toContain(`~ baseUrl: "${stack.emulator.url}" => "${other.url}"`);
    const lines = listDiagnostics(preview).filter((line) => line.includes("conversation"));
    const find = (...words: string[]) =>
      lines.filter((line) => words.every((word) => line.includes(word))).length;
    expect(lines).toHaveLength(3);
    expect(find("workspace", "ws-one", "ws-three")).toBe(1);
    expect(find("workspace", "ws-two", "ws-four")).toBe(1);
    expect(find("baseUrl", stack.emulator.url, other.url)).toBe(1);

    await stack.refresh({ expectNoChanges: true });
    expect(listDeletions(stack)).toEqual([]);
    await stack.destroy();
    expect(other.requests()).toEqual([]);
    expect(listThreadIds(stack)).toEqual([]);
    await other.close();
  });

  test("a key that belongs to a new endpoint isn't sent to the old one", async () => {
    const other = await startEmulator({ apiKeys: ["sk-other"] });
    const stack = await newStack({}, declareSupport(Thread, { metadata }));
    await stack.up();
    stack.emulator.clearRequests();
    await stack.configure({
      "dashscope:baseUrl": { value: other.url },
      "dashscope:apiKey": { value: "sk-other", secret: true },
    });
    expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(stack.emulator.requests()).toEqual([]);
    expect(listThreadIds(stack)).toHaveLength(1);
    await other.close();
  });

  test("`ignoreChanges` for the base URL and the workspace keeps the thread and still updates it", async () => {
    const ignoreChanges = ["baseUrl", "workspace"];
    const stack = await newStack({}, declareSupport(Thread, { metadata }, { ignoreChanges }));
    await stack.up();
    const [id] = listThreadIds(stack);
    await stack.configure({
      "dashscope:workspace": { value: "ws-two" },
      "dashscope:baseUrl": { value: stack.emulator.url.replace("127.0.0.1", "localhost") },
    });
    stack.program = declareSupport(Thread, { metadata: { env: "prod" } }, { ignoreChanges });
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ id, metadata: { env: "prod" } }]);
  });

  test("the environment moves no thread, and a replacement that it would move fails in the preview", async () => {
    const stack = await newStack({}, declareSupport(Thread, { metadata }));
    await stack.up();
    const [id] = listThreadIds(stack);
    const other = await startEmulator();
    changeShell(stack, other);

    stack.program = declareSupport(Thread, { metadata: { env: "prod" } });
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    await stack.refresh({ expectNoChanges: true });
    expect(stack.emulator.threads()).toMatchObject([{ id, metadata: { env: "prod" } }]);
    expect((await stack.readResources()).get("support")?.outputs).toMatchObject({
      baseUrl: stack.emulator.url,
    });

    stack.program = declareSupport(Thread, { messages: [{ role: "user", content: "Hello" }] });
    expect(await catchFailure(stack.preview())).toContain("[DASHSCOPE_ERR_CONFIGURATION]");
    expect(other.requests()).toEqual([]);
    await other.close();
  });

  test("messages are equal with and without empty parts, and a preview shows the one that changes unless it's secret", async () => {
    const declare = (plain: ThreadMessage, secret: string) => async () => {
      new Thread("plain", { messages: [plain, { role: "assistant", content: "the answer" }] });
      new Thread("secret", { messages: [{ role: "user", content: pulumi.secret(secret) }] });
    };
    const stack = await newStack({}, declare({ role: "user", content: "the question" }, "secret-value"));
    await stack.up();
    const state = await stack.readState();
    expect(state).toContain("the question");
    expect(state).not.toContain("secret-value");

    const same = { metadata: {}, fileIds: [], content: "the question", role: "user" as const };
    stack.program = declare(same, "secret-value");
    expect((await stack.up()).changes).toEqual({ same: 3 });

    stack.program = declare({ role: "user", content: "another question" }, "other-secret");
    const { output, changes } = await stack.preview({ diff: true });
    expect(changes).toEqual({ replace: 2, same: 1 });
    expect(output).toMatch(/~ content\s*: "the question" => "another question"/);
    expect(output).not.toMatch(/[~+-] content\s*: "the answer"/);
    expect(output).not.toMatch(/secret-value|other-secret/);
  });
});

describeEngine("the endpoint and the workspace of a thread", () => {
  const { Thread } = dynamic;
  test("another workspace replaces the thread, and the program's argument comes before the stack's", async () => {
    const stack = await newStack(
      { config: { "dashscope:workspace": { value: "ws-one" } } },
      declareSupport(Thread, { metadata }),
    );
    await stack.up();
    await stack.configure({ "dashscope:workspace": { value: "ws-two" } });
    expect((await stack.up()).changes).toEqual({ replace: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ workspace: "ws-two" }]);

    stack.program = declareSupport(Thread, { metadata: { env: "prod" }, workspace: "ws-two" });
    await stack.configure({ "dashscope:workspace": { value: "ws-three" } });
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ workspace: "ws-two", metadata: { env: "prod" } }]);
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
  });

  test("the stack's key, endpoint and workspace come before those of the environment", async () => {
    const stack = await newStack({ emulator: accounts }, async () => {});
    await stack.configure({
      "dashscope:apiKey": { value: ownKey, secret: true },
      "dashscope:baseUrl": { value: stack.emulator.url },
    });
    const other = await startEmulator();
    changeShell(stack, other);
    stack.env["DASHSCOPE_API_KEY"] = foreignKey;
    stack.program = declareSupport(Thread, { metadata });
    await stack.up();
    const [thread, ...more] = stack.emulator.threads();
    expect(thread).toMatchObject({ account: "ours" });
    expect(thread?.workspace).toBeUndefined();
    expect(more).toEqual([]);
    await stack.refresh({ expectNoChanges: true });
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
    expect(other.requests()).toEqual([]);
    await other.close();
  });
});
