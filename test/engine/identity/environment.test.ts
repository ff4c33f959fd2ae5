import { expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "dashscope-emulator";
import { Thread } from "pulumi-dashscope";
import { describeEngine, type EngineStack, catchFailure, newStack } from "../setup";
import { accounts, declareSupport, foreignKey, ownKey, silent } from "./account";
import { readSupport, threadIds } from "./record";

const metadata = { env: "dev" };

/** Sets in the shell whatever could move a thread. */
function changeShell(stack: EngineStack, other: Emulator): void {
  stack.env["DASHSCOPE_HTTP_BASE_URL"] = other.url;
  stack.env["DASHSCOPE_API_REGION"] = "ap-southeast-1";
  stack.env["DASHSCOPE_WORKSPACE_ID"] = "ws-shell";
}

describeEngine("the environment of one shell", () => {
  test("loses to the stack's configuration, of which the thread takes key, endpoint and workspace", async () => {
    const stack = await newStack(
      { env: { ...silent, DASHSCOPE_API_KEY: "", DASHSCOPE_HTTP_BASE_URL: "" }, emulator: accounts },
      declareSupport({ metadata }),
    );
    await stack.configure({
      "dashscope:apiKey": { value: ownKey, secret: true },
      "dashscope:baseUrl": { value: stack.emulator.url },
    });
    await stack.up();
    const other = await startEmulator();
    changeShell(stack, other);
    stack.env["DASHSCOPE_API_KEY"] = foreignKey;

    stack.program = async () => {
      await declareSupport({ metadata })();
      new Thread("sales");
    };
    expect((await stack.up({ refresh: true })).changes).toEqual({ create: 1, same: 2 });
    expect(stack.emulator.threads()).toMatchObject([{ account: "ours" }, { account: "ours" }]);
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual([undefined, undefined]);
    await stack.destroy();
    expect(threadIds(stack)).toEqual([]);
    expect(other.requests()).toEqual([]);
    await other.close();
  });

  test("moves no thread: it is updated and refreshed where it was created", async () => {
    const stack = await newStack({ env: silent }, declareSupport({ metadata }));
    await stack.up();
    const ids = threadIds(stack);
    const other = await startEmulator();
    changeShell(stack, other);

    stack.program = declareSupport({ metadata: { env: "prod" } });
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    await stack.refresh({ expectNoChanges: true });
    expect(stack.emulator.threads()).toMatchObject([{ id: ids[0], metadata: { env: "prod" } }]);
    expect((await readSupport(stack)).outputs).toMatchObject({ baseUrl: stack.emulator.url });

    stack.program = declareSupport({ messages: [{ role: "user", content: "Hello" }] });
    expect(await catchFailure(stack.preview())).toContain("[DASHSCOPE_ERR_CONFIGURATION]");
    expect(threadIds(stack)).toEqual(ids);
    expect(other.requests()).toEqual([]);
    await other.close();
  });
});
