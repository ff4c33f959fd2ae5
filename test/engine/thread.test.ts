import { expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { Thread, type ThreadArgs } from "pulumi-dashscope";
import { apiKey, deleteThread, setMetadata } from "./outsider";
import { describeEngine, type EngineStack, failureOf, newStack } from "./setup";

const silent = { DASHSCOPE_SILENCE_DEPRECATION: "true" };

function declare(args?: ThreadArgs, opts?: pulumi.CustomResourceOptions): pulumi.automation.PulumiFn {
  return async () => {
    const thread = new Thread("support", args, opts);
    return { threadId: thread.id, metadata: thread.metadata, createdAt: thread.createdAt };
  };
}

function recorded(stack: EngineStack) {
  return stack.exportState().then(({ deployment }) => {
    return deployment.resources.find((resource: { type: string }) =>
      resource.type.endsWith("dashscope:Thread"),
    );
  });
}

const greeting = [{ role: "user" as const, content: "You are talking to the support desk." }];

describeEngine("a thread on the real engine", () => {
  test("is created once, recorded with its place and nothing that DashScope adds, and does not change after that", async () => {
    const stack = await newStack({ env: silent }, declare({ messages: greeting, metadata: { env: "dev" } }));

    expect((await stack.preview()).changes).toEqual({ create: 2 });
    expect(stack.emulator.requests()).toEqual([]);

    expect((await stack.up()).changes).toEqual({ create: 2 });
    const [thread] = stack.emulator.threads();
    expect(thread).toMatchObject({ metadata: { env: "dev" } });
    expect(await stack.outputs()).toMatchObject({
      threadId: { value: thread?.id },
      metadata: { value: { env: "dev" } },
      createdAt: { value: thread?.createdAt },
    });

    expect((await stack.up()).changes).toEqual({ same: 2 });
    await stack.refresh({ expectNoChanges: true });
    expect(stack.emulator.requests().map(({ method }) => method)).toEqual(["POST", "GET"]);

    const { inputs, outputs, id } = await recorded(stack);
    expect(inputs.__provider.length).toBeLessThan(80);
    expect(Object.keys(outputs).sort()).toEqual(
      [
        "__instance",
        "__keys",
        "__provider",
        "baseUrl",
        "createdAt",
        "messages",
        "metadata",
        "requestId",
      ].sort(),
    );
    expect(outputs.baseUrl).toBe(stack.emulator.url);
    expect(id).toBe(thread?.id);
  });

  test("has its metadata cleared when the program declares none any longer", async () => {
    const stack = await newStack({ env: silent }, declare({ metadata: { env: "dev" } }));
    await stack.up();

    stack.program = declare();
    expect((await stack.preview({ diff: true })).output).toContain('- env: "dev"');
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toMatchObject([{ metadata: {} }]);
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });

  test("keeps metadata that the program never declared", async () => {
    const stack = await newStack({ env: silent }, declare());
    await stack.up();
    await setMetadata(stack, { owner: "somebody else" });

    await stack.refresh();
    expect((await stack.up()).changes).toEqual({ same: 2 });
    expect(stack.emulator.threads()).toMatchObject([{ metadata: { owner: "somebody else" } }]);
    expect(await stack.outputs()).toMatchObject({ metadata: { value: { owner: "somebody else" } } });
  });

  test("is destroyed without the program, also when it was deleted elsewhere", async () => {
    const stack = await newStack({ env: silent }, async () => {
      new Thread("support");
      new Thread("sales");
    });
    await stack.up();
    await deleteThread(stack);
    stack.program = async () => {
      throw new Error("destroy must not run the program");
    };
    expect((await stack.destroy()).changes).toEqual({ delete: 3 });
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("refuses wrong arguments in the preview, one sentence each, with nothing sent and no value shown", async () => {
    const wrong: Record<string, unknown> = {
      messages: [{ role: "system", content: 42 }],
      metadata: { env: true, text: "fine" },
      metdata: { a: "b" },
    };
    const stack = await newStack({ env: silent }, async () => {
      new Thread("support", wrong);
    });
    const failure = await failureOf(stack.preview());
    expect(failure).toMatch(/`messages\[0]\.role` must be "user" or "assistant"/);
    expect(failure).toMatch(/`messages\[0]\.content` must be a string/);
    expect(failure).toMatch(/`metadata\.env` must be a string/);
    expect(failure).toMatch(/`metdata`.*`metadata`/);
    expect(failure).not.toMatch(/^\s+at /m);
    expect(stack.emulator.requests()).toEqual([]);
  });

  test("refuses a wrong configuration in the preview, one sentence each", async () => {
    const stack = await newStack({ env: silent }, declare());
    const wrong: [env: Record<string, string>, sentence: string][] = [
      [
        { DASHSCOPE_HTTP_BASE_URL: "http://example.com/api/v1" },
        "`DASHSCOPE_HTTP_BASE_URL` must be an `https:` URL",
      ],
      [{ DASHSCOPE_REQUEST_TIMEOUT: "soon" }, "`DASHSCOPE_REQUEST_TIMEOUT` must be a number of seconds"],
    ];
    const right = { ...stack.env };
    for (const [env, sentence] of wrong) {
      Object.assign(stack.env, right, env);
      const failure = await failureOf(stack.preview());
      expect(failure).toContain(sentence);
      expect(failure).not.toMatch(/^\s+at /m);
    }
    expect(stack.emulator.requests()).toEqual([]);
  });

  test("previews without a key, and says where to put one when it is needed", async () => {
    const stack = await newStack({ env: { ...silent, DASHSCOPE_API_KEY: "" } }, declare());
    await stack.preview();
    const failure = await failureOf(stack.up());
    expect(failure).toContain("DASHSCOPE_API_KEY");
    expect(failure).toContain("pulumi config set --secret dashscope:apiKey");
    expect(stack.emulator.requests()).toEqual([]);
  });

  test("names the status, DashScope's code and the request when the key or the workspace is wrong", async () => {
    const stack = await newStack(
      { emulator: { workspaces: ["ws-one"] }, env: { ...silent, DASHSCOPE_API_KEY: "sk-of-nobody" } },
      declare(),
    );
    const wrongKey = await failureOf(stack.up());
    expect(wrongKey).toContain("HTTP 401 InvalidApiKey");
    expect(wrongKey).toMatch(/request ID [0-9a-f-]{36}/);
    expect(wrongKey).toContain("`DASHSCOPE_API_KEY`");
    expect(wrongKey).toContain("[DASHSCOPE_ERR_AUTHENTICATION]");

    stack.env["DASHSCOPE_API_KEY"] = apiKey;
    stack.program = declare({ workspace: "ws-two" });
    const wrongWorkspace = await failureOf(stack.up());
    expect(wrongWorkspace).toContain("HTTP 404 WorkSpaceNotFound");
    expect(wrongWorkspace).toContain("[DASHSCOPE_ERR_WORKSPACE]");
    expect(stack.emulator.threads()).toEqual([]);
  });
});
