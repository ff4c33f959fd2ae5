import { expect, test } from "@jest/globals";
import { Provider, Thread, type ThreadArgs } from "pulumi-dashscope";
import { createThread } from "../outsider";
import { describeEngine, type EngineStack, catchFailure, newStack } from "../setup";
import { accounts, declareSupport, ownKey, rotatedKey, silent } from "./account";
import { deletions, readRecords, readSupport, threadIds } from "./record";

const metadata = { env: "dev" };

/** The failure of another resource: nothing is wrong with the thread that the program adopts. */
function failCreates(stack: EngineStack): void {
  stack.emulator.setFaults([
    { kind: "error", status: 400, code: "DataInspectionFailed", message: "No.", verb: "create" },
  ]);
}

describeEngine("an adopted thread survives the record that it was adopted from", () => {
  test("if it's renamed with `adoptId`, another resource fails, and the next update refreshes first", async () => {
    const stack = await newStack({ env: silent }, declareSupport({ metadata }));
    await stack.up();
    const [adoptId = ""] = threadIds(stack);

    stack.program = async () => {
      const helpdesk = new Thread("helpdesk", { adoptId, metadata });
      new Thread("other", {}, { dependsOn: helpdesk });
    };
    failCreates(stack);
    expect(await catchFailure(stack.up())).toContain("DataInspectionFailed");
    expect([...(await readRecords(stack)).keys()].sort()).toEqual(["helpdesk", "support"]);

    stack.emulator.setFaults([]);
    await stack.up({ refresh: true });
    expect(deletions(stack)).toEqual([]);
    expect([...(await readRecords(stack)).keys()].sort()).toEqual(["helpdesk", "other"]);

    stack.program = async () => {
      new Thread("other");
    };
    await stack.up();
    expect(deletions(stack)).toEqual([expect.stringContaining(adoptId)]);
  });

  test("if another Provider adopts it in an update that refreshes first", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, declareSupport({ metadata }));
    await stack.up();
    const [adoptId = ""] = threadIds(stack);

    stack.program = async () => {
      const provider = new Provider("account", { apiKey: rotatedKey, baseUrl: stack.emulator.url });
      new Thread("helpdesk", { adoptId, metadata }, { provider });
    };
    expect((await stack.up({ refresh: true })).changes).toMatchObject({ create: 2, delete: 1 });
    expect(deletions(stack)).toEqual([]);
    expect((await readRecords(stack)).get("helpdesk")?.id).toBe(adoptId);

    stack.program = declareSupport({ adoptId, metadata });
    await stack.up();
    expect(threadIds(stack)).toEqual([adoptId]);
  });

  test("if it adopts itself at a new base URL, which moves the record in place, and another resource fails", async () => {
    const program =
      (args: ThreadArgs, others: readonly string[] = []) =>
      async () => {
        new Thread("support", { metadata, ...args });
        for (const name of others) new Thread(name);
      };
    const stack = await newStack({ env: { ...silent, DASHSCOPE_HTTP_BASE_URL: "" } }, program({}));
    await stack.configure({ "dashscope:baseUrl": { value: stack.emulator.url } });
    await stack.up();
    const [adoptId = ""] = threadIds(stack);

    const baseUrl = stack.emulator.url.replace("127.0.0.1", "localhost");
    await stack.configure({ "dashscope:baseUrl": { value: baseUrl } });
    stack.program = program({ adoptId }, ["other"]);
    expect((await stack.preview()).changes).toEqual({ update: 1, create: 1, same: 1 });
    failCreates(stack);
    expect(await catchFailure(stack.up())).toContain("DataInspectionFailed");
    stack.emulator.setFaults([]);
    await stack.up();
    expect(deletions(stack)).toEqual([]);
    const { id, outputs } = await readSupport(stack);
    expect([id, outputs.baseUrl]).toEqual([adoptId, baseUrl]);
  });

  test("if it's renamed with `adoptId`, the adoption fails, and the update continues on errors", async () => {
    const stack = await newStack({ env: silent }, declareSupport({ metadata }));
    await stack.up();
    const [adoptId = ""] = threadIds(stack);

    stack.program = async () => {
      new Thread("helpdesk", { adoptId, metadata });
    };
    stack.emulator.setFaults([
      { kind: "error", status: 400, code: "DataInspectionFailed", message: "No.", verb: "retrieve" },
    ]);
    expect(await catchFailure(stack.up({ continueOnError: true }))).toContain("DataInspectionFailed");
    stack.emulator.setFaults([]);
    await stack.up();
    expect(deletions(stack)).toEqual([]);
    expect([...(await readRecords(stack)).keys()]).toEqual(["helpdesk"]);
  });

  test("if it adopts itself in a replacement that deletes before it creates", async () => {
    const stack = await newStack(
      { env: silent },
      declareSupport({ messages: [{ role: "user", content: "Hello" }] }),
    );
    await stack.up();
    const [adoptId = ""] = threadIds(stack);
    stack.program = declareSupport({ adoptId }, { deleteBeforeReplace: true });
    await stack.up();
    expect(deletions(stack)).toEqual([]);
    expect((await readSupport(stack)).id).toBe(adoptId);
  });
});

describeEngine("two resources that adopt one thread in one update", () => {
  test("are refused if they have different Providers", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, async () => {});
    const adoptId = await createThread(stack);
    stack.program = async () => {
      const provider = new Provider("account", { apiKey: ownKey, baseUrl: stack.emulator.url });
      const first = new Thread("first", { adoptId });
      new Thread("second", { adoptId }, { provider, dependsOn: first });
    };
    expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_ADOPTION]");
    expect([...(await readRecords(stack)).keys()]).toEqual(["first"]);
    expect(threadIds(stack)).toEqual([adoptId]);
  });
});
