import { expect, test } from "@jest/globals";
import * as dynamic from "pulumi-dashscope";
import { accounts, foreignKey, ownKey, rotatedKey } from "./accountKeys";
import { declareSupport } from "./declarations";
import { listDeletions, listRecordedThreads, listThreadIds } from "./observer";
import { deleteThread } from "./outsider";
import { catchFailure, describeEngine, describeFrontEnds, newStack } from "./setup";

const metadata = { env: "dev" };

describeFrontEnds("the key of a thread", ({ Provider, Thread }) => {
  test("a key of another account can't drop, update or delete a thread", async () => {
    const declare = (env: string) => async () => {
      new Thread("support", { metadata: { env } });
      new Thread("sales", { metadata: { env } }, { protect: true });
    };
    const stack = await newStack({ emulator: accounts }, declare("dev"));
    await stack.up();
    const before = stack.emulator.threads();
    stack.env["DASHSCOPE_API_KEY"] = foreignKey;
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(await catchFailure(stack.destroy({ excludeProtected: true }))).toContain(
      "[DASHSCOPE_ERR_ACCOUNT]",
    );
    stack.program = declare("prod");
    const failure = await catchFailure(stack.up({ refresh: true }));
    expect(failure).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(failure).not.toContain("pulumi refresh");
    expect(await listRecordedThreads(stack)).toEqual(["sales", "support"]);
    expect(stack.emulator.threads()).toEqual(before);
  });

  test("a thread that moves to a Provider with a key of another account stays as it is, and can move back", async () => {
    const own = declareSupport(Thread, { metadata });
    const stack = await newStack({ emulator: accounts }, own);
    await stack.up();
    const ids = listThreadIds(stack);
    stack.program = async () => {
      const provider = new Provider("account", { apiKey: foreignKey });
      new Thread("support", { metadata }, { provider });
    };
    await stack.up().catch(() => {});
    const [, diagnostics] = (await catchFailure(stack.refresh())).split("Diagnostics:");
    // Once.
    expect(diagnostics?.match(/\[DASHSCOPE_ERR_ACCOUNT]/g)).toHaveLength(1);
    stack.program = own;
    await stack.up();
    await stack.refresh({ expectNoChanges: true });
    expect(listThreadIds(stack)).toEqual(ids);
    expect((await stack.readResources()).get("support")?.id).toBe(ids[0]);
    expect(listDeletions(stack).length).toBeLessThanOrEqual(1);
  });

  test("a key that reached a thread is recorded without a visible change, and can say later that it's gone", async () => {
    const stack = await newStack({ emulator: accounts }, declareSupport(Thread));
    await stack.up();
    const readRecord = async () => Object((await stack.readResources()).get("support")?.outputs);
    const created = await readRecord();
    stack.env["DASHSCOPE_API_KEY"] = rotatedKey;
    await stack.refresh({ expectNoChanges: true });
    const refreshed = await readRecord();
    expect(refreshed.__keys).toEqual([...created.__keys, expect.stringMatching(/^[0-9a-f]{10}$/)]);
    expect(refreshed.__instance).toBe(created.__instance);
    await deleteThread(stack);
    expect((await stack.refresh()).changes).toEqual({ delete: 1, same: 1 });
  });

  test("an error names a saved key that no longer works, `DASHSCOPE_OVERRIDE_API_KEY` comes before it, and `--run-program` reads the new one", async () => {
    const declare = (apiKey: string) => async () => {
      const provider = new Provider("account", { apiKey, baseUrl: stack.emulator.url });
      new Thread("support");
      new Thread("sales", {}, { provider });
    };
    const stack = await newStack(
      {
        env: { DASHSCOPE_OVERRIDE_API_KEY: ownKey },
        emulator: accounts,
        config: { "dashscope:apiKey": { value: "sk-dead", secret: true } },
      },
      async () => {},
    );
    stack.program = declare("sk-dead");
    await stack.up();
    expect(listThreadIds(stack)).toHaveLength(2);
    await stack.refresh({ expectNoChanges: true });

    stack.env["DASHSCOPE_OVERRIDE_API_KEY"] = "";
    const failure = await catchFailure(stack.refresh());
    // The first of the two ends the command.
    expect(failure).toMatch(/`dashscope:apiKey`|The Provider's `apiKey`/);
    for (const part of ["[DASHSCOPE_ERR_AUTHENTICATION]", "--run-program", "DASHSCOPE_OVERRIDE_API_KEY"]) {
      expect(failure).toContain(part);
    }
    expect(failure).not.toContain("sk-dead");

    await stack.configure({ "dashscope:apiKey": { value: rotatedKey, secret: true } });
    stack.program = declare(rotatedKey);
    await stack.destroy({ runProgram: true });
    expect(listThreadIds(stack)).toEqual([]);
  });
});

describeEngine("the key of a thread", () => {
  const { Thread } = dynamic;
  test("`DASHSCOPE_CONFIRM_GONE` confirms under an unknown key that the threads that it names are gone", async () => {
    const stack = await newStack({ emulator: accounts }, async () => {
      for (const name of ["support", "sales"]) new Thread(name);
    });
    await stack.up();
    const [first = "", second = ""] = listThreadIds(stack);
    for (const id of [first, second]) await deleteThread(stack, id);
    stack.env["DASHSCOPE_API_KEY"] = rotatedKey;
    stack.env["DASHSCOPE_CONFIRM_GONE"] = first;
    const failure = await catchFailure(stack.destroy());
    expect(failure).toMatch(/DASHSCOPE_CONFIRM_GONE.*\[DASHSCOPE_ERR_ACCOUNT]/);
    expect(failure).toContain(second);
    stack.env["DASHSCOPE_CONFIRM_GONE"] = `${first}, ${second}`;
    await stack.refresh();
    expect(await listRecordedThreads(stack)).toEqual([]);
  });
});
