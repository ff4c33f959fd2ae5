import { expect, test } from "@jest/globals";
import * as dynamic from "pulumi-dashscope";
import { accounts, foreignKey, ownKey, rotatedKey } from "./accountKeys";
import { declareSupport } from "./declarations";
import { listDeletions, listDiagnostics, listRecordedThreads, listThreadIds, takeRequests } from "./observer";
import { createThread } from "./outsider";
import { catchFailure, describeEngine, describeFrontEnds, type EngineStack, newStack } from "./setup";

const metadata = { env: "dev" };

/** Makes the emulator refuse creates, as if another resource of the program failed. */
function failCreates(stack: EngineStack): void {
  stack.emulator.setFaults([
    { kind: "error", status: 400, code: "DataInspectionFailed", message: "No.", verb: "create" },
  ]);
}

describeFrontEnds("an adoption", ({ Provider, Thread }) => {
  test("an adoption lists the metadata keys that it removes, takes the thread over, and `adoptId` can go", async () => {
    const stack = await newStack({}, async () => {});
    const adoptId = await createThread(stack, { metadata: { env: "dev", owner: "acme", plan: "gold" } });
    takeRequests(stack);
    stack.program = declareSupport(Thread, { adoptId, metadata: { env: "prod" } });
    const preview = await stack.preview();
    const lines = listDiagnostics(preview).filter((line) => line.includes(adoptId));
    expect(new Set(lines)).toEqual(new Set([expect.stringMatching(/owner.*plan/)]));
    expect(preview.output).not.toContain("acme");
    expect(takeRequests(stack)).toEqual([`GET /api/v1/threads/${adoptId}`]);

    expect((await stack.up()).changes).toEqual({ create: 2 });
    expect(stack.emulator.threads()).toMatchObject([{ id: adoptId, metadata: { env: "prod" } }]);
    expect(await stack.readOutputs()).toMatchObject({ id: adoptId });
    await stack.refresh({ expectNoChanges: true });
    for (const args of [{}, { adoptId }]) {
      stack.program = declareSupport(Thread, { ...args, metadata: { env: "prod" } });
      expect((await stack.up()).changes).toEqual({ same: 2 });
    }
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
  });

  test("a preview refuses a thread that doesn't exist or that belongs to another account", async () => {
    const stack = await newStack(
      { emulator: accounts },
      declareSupport(Thread, { adoptId: "thread_missing" }),
    );
    const adoptId = await createThread(stack);
    expect(await catchFailure(stack.preview())).toContain("[DASHSCOPE_ERR_ADOPTION]");

    stack.program = async () => {
      const provider = new Provider("account", { apiKey: foreignKey, baseUrl: stack.emulator.url });
      new Thread("support", { adoptId }, { provider });
    };
    expect(await catchFailure(stack.preview())).toMatch(/\[DASHSCOPE_ERR_(ADOPTION|ACCOUNT)]/);

    stack.env["DASHSCOPE_API_KEY"] = "";
    stack.program = declareSupport(Thread, { adoptId });
    const preview = await stack.preview();
    expect(preview.changes).toEqual({ create: 2 });
    expect(listDiagnostics(preview)).toEqual([expect.stringContaining("adoptId")]);
  });

  test("two resources can't adopt one thread in the same update, also with different Providers", async () => {
    const stack = await newStack({ emulator: accounts }, async () => {});
    const adoptId = await createThread(stack);
    stack.program = async () => {
      const provider = new Provider("account", { apiKey: ownKey, baseUrl: stack.emulator.url });
      const first = new Thread("first", { adoptId });
      new Thread("second", { adoptId }, { provider, dependsOn: first });
    };
    expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_ADOPTION]");
    expect(await listRecordedThreads(stack)).toEqual(["first"]);
    expect(listThreadIds(stack)).toEqual([adoptId]);
  });
});

describeFrontEnds("an adopted thread", ({ Provider, Thread }) => {
  test("an adopted thread survives a rename if another resource fails, and if its own adoption fails", async () => {
    const stack = await newStack({}, declareSupport(Thread, { metadata }));
    await stack.up();
    const [adoptId = ""] = listThreadIds(stack);
    stack.program = async () => {
      const helpdesk = new Thread("helpdesk", { adoptId, metadata });
      new Thread("other", {}, { dependsOn: helpdesk });
    };
    failCreates(stack);
    expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_REFUSED]");
    expect(await listRecordedThreads(stack)).toEqual(["helpdesk", "support"]);
    stack.emulator.setFaults([]);
    await stack.up({ refresh: true });
    expect(await listRecordedThreads(stack)).toEqual(["helpdesk", "other"]);

    stack.program = async () => {
      new Thread("desk", { adoptId, metadata });
      new Thread("other");
    };
    stack.emulator.setFaults([
      { kind: "error", status: 400, code: "DataInspectionFailed", message: "No.", verb: "retrieve" },
    ]);
    expect(await catchFailure(stack.up({ continueOnError: true }))).toContain("[DASHSCOPE_ERR_REFUSED]");
    stack.emulator.setFaults([]);
    await stack.up();
    expect(listDeletions(stack)).toEqual([]);
    expect(await listRecordedThreads(stack)).toEqual(["desk", "other"]);

    stack.program = async () => {
      new Thread("other");
    };
    await stack.up();
    expect(listDeletions(stack)).toEqual([expect.stringContaining(adoptId)]);
  });

  test("an adopted thread survives if another Provider adopts it in an update that refreshes first", async () => {
    const stack = await newStack({ emulator: accounts }, declareSupport(Thread, { metadata }));
    await stack.up();
    const [adoptId = ""] = listThreadIds(stack);
    stack.program = async () => {
      const provider = new Provider("account", { apiKey: rotatedKey, baseUrl: stack.emulator.url });
      new Thread("helpdesk", { adoptId, metadata }, { provider });
    };
    expect((await stack.up({ refresh: true })).changes).toMatchObject({ create: 2, delete: 1 });
    expect(listDeletions(stack)).toEqual([]);
    expect((await stack.readResources()).get("helpdesk")?.id).toBe(adoptId);

    stack.program = declareSupport(Thread, { adoptId, metadata });
    await stack.up();
    expect(listThreadIds(stack)).toEqual([adoptId]);
  });

  test("a replacement that adopts the same thread keeps it, also if it deletes before it creates", async () => {
    const replaceOnChanges = ["metadata"];
    const stack = await newStack({}, declareSupport(Thread, { metadata }));
    await stack.up();
    const [adoptId = ""] = listThreadIds(stack);
    for (const deleteBeforeReplace of [false, true]) {
      const changed = { env: `${deleteBeforeReplace}` };
      stack.program = declareSupport(
        Thread,
        { adoptId, metadata: changed },
        { replaceOnChanges, deleteBeforeReplace },
      );
      expect((await stack.up()).changes).toEqual({ replace: 1, same: 1 });
      expect(stack.emulator.threads()).toMatchObject([{ id: adoptId, metadata: changed }]);
    }
    expect(listDeletions(stack)).toEqual([]);
  });
});

describeEngine("an adoption", () => {
  const { Thread } = dynamic;
  test("an adoption leaves metadata that isn't set alone, and another `adoptId` replaces the record", async () => {
    const stack = await newStack({}, async () => {});
    const first = await createThread(stack, { metadata });
    const second = await createThread(stack);
    takeRequests(stack);
    stack.program = declareSupport(Thread, { adoptId: first }, { retainOnDelete: true });
    await stack.up();
    expect(new Set(takeRequests(stack))).toEqual(new Set([`GET /api/v1/threads/${first}`]));

    stack.program = declareSupport(Thread, { adoptId: second });
    expect((await stack.up()).changes).toEqual({ replace: 1, same: 1 });
    await stack.destroy();
    expect(stack.emulator.threads()).toMatchObject([{ id: first, metadata }]);
  });

  test("a thread that adopts itself at a new base URL moves in place, also if another resource fails", async () => {
    const declare = (args: dynamic.ThreadArgs, other?: string) => async () => {
      new Thread("support", { metadata, ...args });
      if (other !== undefined) new Thread(other);
    };
    const stack = await newStack({ env: { DASHSCOPE_HTTP_BASE_URL: "" } }, declare({}));
    await stack.configure({ "dashscope:baseUrl": { value: stack.emulator.url } });
    await stack.up();
    const [adoptId = ""] = listThreadIds(stack);

    const baseUrl = stack.emulator.url.replace("127.0.0.1", "localhost");
    await stack.configure({ "dashscope:baseUrl": { value: baseUrl } });
    stack.program = declare({ adoptId }, "other");
    expect((await stack.preview()).changes).toEqual({ update: 1, create: 1, same: 1 });
    failCreates(stack);
    expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_REFUSED]");
    stack.emulator.setFaults([]);
    await stack.up();
    expect(listDeletions(stack)).toEqual([]);
    expect((await stack.readResources()).get("support")).toMatchObject({ id: adoptId, outputs: { baseUrl } });
  });
});
