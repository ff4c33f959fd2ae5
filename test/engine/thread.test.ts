import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { declareSupport, failIfRun } from "./declarations";
import { listThreadIds, takeRequests } from "./observer";
import { apiKey, deleteThread, setMetadata } from "./outsider";
import { catchFailure, describeFrontEnds, newStack } from "./setup";

describeFrontEnds("a thread on the real engine", ({ Thread }) => {
  test("a thread is created once, updated in place, and cleared if the program removes its metadata", async () => {
    const messages = [{ role: "user" as const, content: "You are talking to the support desk." }];
    const declare = (set?: Record<string, string>) => async () => {
      const { id, metadata, createdAt } = new Thread("support", {
        messages,
        ...(set && { metadata: set }),
      });
      return { id, metadata, createdAt };
    };
    const stack = await newStack({}, declare({ team: "support", env: "dev" }));
    expect((await stack.preview()).changes).toEqual({ create: 2 });
    expect(stack.emulator.requests()).toEqual([]);

    expect((await stack.up()).changes).toEqual({ create: 2 });
    const [thread] = stack.emulator.threads();
    expect(thread).toMatchObject({ metadata: { team: "support", env: "dev" } });
    const outputs = { id: thread?.id, metadata: thread?.metadata, createdAt: thread?.createdAt };
    expect(await stack.readOutputs()).toEqual(outputs);
    const { id, inputs, outputs: recorded } = (await stack.readResources()).get("support") ?? {};
    expect(id).toBe(thread?.id);
    // Only the dynamic provider has it.
    const { __provider } = inputs ?? {};
    expect(recorded).toEqual({
      __instance: expect.any(String),
      __keys: [expect.stringMatching(/^[0-9a-f]{10}$/)],
      ...(__provider !== undefined && { __provider }),
      baseUrl: stack.emulator.url,
      createdAt: thread?.createdAt,
      messages,
      metadata: thread?.metadata,
      requestId: expect.any(String),
    });

    expect((await stack.up()).changes).toEqual({ same: 2 });
    await stack.refresh({ expectNoChanges: true });
    expect(takeRequests(stack)).toEqual([`GET /api/v1/threads/${thread?.id}`, "POST /api/v1/threads"]);

    stack.program = declare({ team: "support", env: "prod" });
    const preview = await stack.preview({ diff: true });
    expect(preview.output).toContain('~ env: "dev" => "prod"');
    expect(preview.changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toEqual([thread]);
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    const metadata = { team: "support", env: "prod" };
    expect(stack.emulator.threads()).toEqual([{ ...thread, metadata }]);
    expect(await stack.readOutputs()).toEqual({ ...outputs, metadata });

    stack.program = declare();
    expect((await stack.up({ diff: true })).output).toContain('- env : "prod"');
    expect(stack.emulator.threads()).toEqual([{ ...thread, metadata: {} }]);
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });

  test("a refresh shows drift, the next `up` repairs it, and a thread that's gone is created again", async () => {
    const declare = (env: string) => async () => {
      new Thread("support", { metadata: { env } });
      return { plain: new Thread("plain").metadata };
    };
    const stack = await newStack({}, declare("dev"));
    await stack.up();
    const support = String((await stack.readResources()).get("support")?.id);
    const plain = String((await stack.readResources()).get("plain")?.id);
    await setMetadata(stack, { env: "tampered", extra: "1" }, support);
    await setMetadata(stack, { owner: "acme" }, plain);
    expect((await stack.up()).changes).toEqual({ same: 3 });

    await stack.refresh();
    const repair = await stack.up({ diff: true });
    expect(repair.changes).toEqual({ update: 1, same: 2 });
    expect(repair.output).toContain('~ env  : "tampered" => "dev"');
    expect(repair.output).toContain('- extra: "1"');
    expect(stack.emulator.threads().map(({ metadata }) => metadata)).toEqual(
      expect.arrayContaining([{ env: "dev" }, { owner: "acme" }]),
    );
    expect(await stack.readOutputs()).toEqual({ plain: { owner: "acme" } });

    await deleteThread(stack, support);
    stack.program = declare("prod");
    const failure = await catchFailure(stack.up());
    expect(failure).toContain("[DASHSCOPE_ERR_THREAD_GONE]");
    expect(failure).toContain(support);
    expect((await stack.refresh()).changes).toEqual({ delete: 1, same: 2 });
    expect((await stack.up()).changes).toEqual({ create: 1, same: 2 });

    await deleteThread(stack, plain);
    stack.program = failIfRun;
    expect((await stack.destroy()).changes).toEqual({ delete: 3 });
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("a change of messages replaces the thread, and what depends on it follows", async () => {
    const declare = (content: string, opts?: pulumi.CustomResourceOptions) => async () => {
      const thread = new Thread("support", { messages: [{ role: "user", content }] }, opts);
      return { id: thread.id, of: new Thread("log", { metadata: { of: thread.id } }).metadata };
    };
    const stack = await newStack({}, declare("first"));
    await stack.up();
    const [first] = listThreadIds(stack);

    stack.program = declare("second");
    const up = await stack.up({ diff: true });
    expect(up.changes).toEqual({ replace: 1, update: 1, same: 1 });
    expect(up.output).toContain('~ content: "first" => "second"');
    expect(listThreadIds(stack)).toHaveLength(2);
    expect(listThreadIds(stack)).not.toContain(first);
    const { id, of } = await stack.readOutputs();
    expect(of).toEqual({ of: id });

    stack.program = declare("third", { deleteBeforeReplace: true });
    expect((await stack.up()).changes).toEqual({ replace: 1, update: 1, same: 1 });
    const requests = stack.emulator.requests().slice(-3);
    expect(requests.map(({ method }) => method)).toEqual(["DELETE", "POST", "POST"]);
  });

  test("secret messages and secret metadata stay out of the state, the output and the errors", async () => {
    const content = "a secret-value of a message";
    const declare = (pin: string) => async () => {
      new Thread("support", {
        messages: pulumi.secret([{ role: "user", content }]),
        metadata: pulumi.secret({ pin }),
      });
    };
    const stack = await newStack({}, declare("4711-0815"));
    const seen = [(await stack.preview({ diff: true })).output, (await stack.up()).output];
    seen.push((await stack.refresh()).output, await stack.readState());
    stack.program = declare("4711-0816");
    stack.emulator.setFaults([
      {
        kind: "error",
        status: 400,
        code: "InvalidParameter",
        message: `unlike ${content} 4711-0816 ${apiKey}`,
        times: 1,
      },
    ]);
    seen.push(await catchFailure(stack.up({ diff: true })));
    await stack.up();
    seen.push(await stack.readState());
    for (const secret of [content, "4711-0815", "4711-0816", apiKey]) {
      expect(seen.filter((output) => output.includes(secret))).toEqual([]);
    }
  });

  test("a preview refuses wrong arguments and wrong settings without a stack trace, and sends nothing", async () => {
    const wrong: Record<string, unknown> = {
      messages: [{ role: "system", content: 42 }],
      metadata: { env: true, text: "fine" },
    };
    const stack = await newStack({}, declareSupport(Thread, wrong));
    const failure = await catchFailure(stack.preview());
    for (const path of ["messages[0].role", "messages[0].content", "metadata.env"]) {
      expect(failure).toContain(`\`${path}\` must be`);
    }
    stack.program = declareSupport(Thread);
    stack.env["DASHSCOPE_REQUEST_TIMEOUT"] = "soon";
    const wrongSetting = await catchFailure(stack.preview());
    expect(wrongSetting).toMatch(/`DASHSCOPE_REQUEST_TIMEOUT`.*\[DASHSCOPE_ERR_CONFIGURATION]/);
    expect(failure + wrongSetting).not.toMatch(/^\s+at /m);
    expect(stack.emulator.requests()).toEqual([]);
  });

  test("a preview needs no key and shows the deprecation once, and an update without a key sends nothing", async () => {
    const env = { DASHSCOPE_API_KEY: "", DASHSCOPE_SILENCE_DEPRECATION: "" };
    const stack = await newStack({ env }, async () => {
      for (const name of ["support", "sales"]) new Thread(name);
    });
    const [, diagnostics = ""] = (await stack.preview()).output.split("Diagnostics:");
    expect(diagnostics.match(/has deprecated the Assistant API/g)).toHaveLength(1);
    expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_NO_KEY]");
    expect(stack.emulator.requests()).toEqual([]);
  });
});
