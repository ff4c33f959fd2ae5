import { expect, test } from "@jest/globals";
import { startEmulator } from "dashscope-emulator";
import { Thread, type ThreadArgs } from "pulumi-dashscope";
import { apiKey, setMetadata } from "./outsider";
import { describeEngine, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

function declare(args?: ThreadArgs) {
  return async () => {
    new Thread("support", args);
  };
}

describeEngine("a thread is pinned to where it was created", () => {
  test("a changed base URL previews as a replacement, and until then everything goes to the recorded one", async () => {
    const stack = await newStack({ env }, declare({ metadata: { env: "dev" } }));
    await stack.up();
    const other = await startEmulator({ apiKeys: [apiKey] });
    await stack.configure({ "dashscope:baseUrl": { value: other.url } });

    const preview = await stack.preview({ diff: true });
    expect(preview.changes).toEqual({ replace: 1, same: 1 });
    expect(preview.output).toContain(`~ baseUrl: "${stack.emulator.url}" => "${other.url}"`);

    await stack.refresh({ expectNoChanges: true });
    expect(other.requests()).toEqual([]);
    await stack.destroy();
    expect(other.requests()).toEqual([]);
    expect(stack.emulator.threads()).toEqual([]);
    await other.close();
  });

  test("a changed region previews as a replacement", async () => {
    const stack = await newStack({ env }, declare());
    await stack.up();
    await stack.configure({ "dashscope:region": { value: "ap-southeast-1" } });
    expect((await stack.preview({ diff: true })).output).toContain(
      '=> "https://dashscope-intl.aliyuncs.com/api/v1"',
    );
  });

  test("another workspace previews as a replacement, and the thread is updated and deleted in its own", async () => {
    const stack = await newStack(
      { env, config: { "dashscope:workspace": { value: "ws-one" } } },
      declare({ metadata: { env: "dev" } }),
    );
    await stack.up();
    stack.program = declare({ metadata: { env: "prod" } });
    await stack.up();
    expect(stack.emulator.threads()).toMatchObject([{ workspace: "ws-one", metadata: { env: "prod" } }]);

    await stack.configure({ "dashscope:workspace": { value: "ws-two" } });
    const preview = await stack.preview({ diff: true });
    expect(preview.changes).toEqual({ replace: 1, same: 1 });
    expect(preview.output).toContain('~ workspace: "ws-one" => "ws-two"');
    await stack.up();
    expect(stack.emulator.threads()).toMatchObject([{ workspace: "ws-two" }]);

    stack.program = declare({ metadata: { env: "prod" }, workspace: "ws-two" });
    await stack.configure({ "dashscope:workspace": { value: "ws-three" } });
    expect((await stack.up()).changes).toEqual({ same: 2 });
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("a trailing slash and letter case are no change", async () => {
    const stack = await newStack({ env }, declare());
    stack.env["DASHSCOPE_HTTP_BASE_URL"] = stack.emulator.url.replace("127.0.0.1", "localhost");
    await stack.up();
    stack.env["DASHSCOPE_HTTP_BASE_URL"] = stack.emulator.url.replace("127.0.0.1", "LocalHost").concat("//");
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });

  test("is not dropped from the state because another endpoint does not know it", async () => {
    const stack = await newStack({ env }, declare({ metadata: { env: "dev" } }));
    await stack.up();
    stack.emulator.setFaults([{ kind: "html", status: 404 }]);
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_UNEXPECTED_ANSWER]");
    stack.emulator.setFaults([
      { kind: "error", status: 404, code: "WorkSpaceNotFound", message: "Workspace not found." },
    ]);
    expect(await catchFailure(stack.refresh())).toContain("WorkSpaceNotFound");
    stack.emulator.setFaults([]);
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });

  test("a thread whose base URL and workspace are ignored stays where it is, in a workspace or in none", async () => {
    const program = (args: ThreadArgs) => async () => {
      new Thread("support", args, { ignoreChanges: ["baseUrl", "workspace"] });
    };
    const stack = await newStack({ env }, program({ metadata: { env: "dev" } }));
    await stack.up();
    const [thread] = stack.emulator.threads();
    await stack.configure({
      "dashscope:workspace": { value: "ws-two" },
      "dashscope:baseUrl": { value: stack.emulator.url.replace("127.0.0.1", "localhost") },
    });
    expect((await stack.up()).changes).toEqual({ same: 2 });
    stack.program = program({ metadata: { env: "prod" } });
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ id: thread?.id, metadata: { env: "prod" } }]);
  });

  test("a state without the record, of an earlier version, is read as the configured place", async () => {
    const stack = await newStack({ env }, declare({ metadata: { env: "dev" } }));
    await stack.up();
    const state = await stack.exportState();
    const [thread] = state.deployment.resources.filter(({ type }: { type: string }) =>
      type.endsWith(":Thread"),
    );
    delete thread.outputs.baseUrl;
    delete thread.inputs.baseUrl;
    await stack.importState(state);

    expect((await stack.up()).changes).toEqual({ same: 2 });
    await setMetadata(stack, { env: "tampered" });
    await stack.refresh();
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });
});
