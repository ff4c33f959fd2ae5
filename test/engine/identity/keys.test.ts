import { expect, test } from "@jest/globals";
import { Provider, Thread } from "pulumi-dashscope";
import { deleteThread } from "../outsider";
import { describeEngine, catchFailure, newStack } from "../setup";
import { accounts, declareSupport, foreignKey, ownKey, rotatedKey, silent } from "./account";
import { readRecords, readSupport, threadIds } from "./record";

const fingerprint = /^[0-9a-f]{10}$/;

describeEngine("the keys that reached a thread", () => {
  test("are recorded as fingerprints without a visible change, and each of them is believed in turn", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, declareSupport());
    await stack.up();
    const { outputs: created } = await readSupport(stack);
    expect(created.__keys).toEqual([expect.stringMatching(fingerprint)]);
    expect(created.__instance).toEqual(expect.any(String));

    stack.env["DASHSCOPE_API_KEY"] = rotatedKey;
    await stack.refresh({ expectNoChanges: true });
    stack.env["DASHSCOPE_API_KEY"] = ownKey;
    expect((await stack.up({ refresh: true })).changes).toEqual({ same: 2 });
    const { outputs: used } = await readSupport(stack);
    expect(new Set(used.__keys)).toEqual(
      new Set([...(created.__keys ?? []), expect.stringMatching(fingerprint)]),
    );
    expect(used.__keys).toHaveLength(2);
    expect(used.__instance).toBe(created.__instance);

    await deleteThread(stack);
    stack.env["DASHSCOPE_API_KEY"] = foreignKey;
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    stack.env["DASHSCOPE_API_KEY"] = rotatedKey;
    expect((await stack.refresh()).changes).toEqual({ delete: 1, same: 1 });
  });

  test("can all be lost: `DASHSCOPE_CONFIRM_GONE` confirms that the threads really are gone", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, async () => {
      new Thread("support");
      new Thread("sales");
    });
    await stack.up();
    const ids = threadIds(stack);
    for (const id of ids) await deleteThread(stack, id);

    stack.env["DASHSCOPE_API_KEY"] = rotatedKey;
    const failure = await catchFailure(stack.refresh());
    expect(failure).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(failure).toContain("DASHSCOPE_CONFIRM_GONE");

    stack.env["DASHSCOPE_CONFIRM_GONE"] = String(ids[0]);
    expect(await catchFailure(stack.destroy())).toContain(String(ids[1]));
    stack.env["DASHSCOPE_CONFIRM_GONE"] = ids.join(", ");
    await stack.refresh();
    expect((await readRecords(stack)).size).toBe(0);
  });
});

describeEngine("a saved key that is dead", () => {
  test("is named by an authentication error, and `DASHSCOPE_OVERRIDE_API_KEY` comes before it", async () => {
    const stack = await newStack(
      {
        env: { ...silent, DASHSCOPE_OVERRIDE_API_KEY: ownKey },
        emulator: accounts,
        config: { "dashscope:apiKey": { value: "sk-dead", secret: true } },
      },
      async () => {
        const provider = new Provider("account", { apiKey: "sk-dead", baseUrl: stack.emulator.url });
        new Thread("support");
        new Thread("sales", {}, { provider });
      },
    );
    await stack.up();
    expect(threadIds(stack)).toHaveLength(2);

    stack.env["DASHSCOPE_OVERRIDE_API_KEY"] = "";
    const failure = await catchFailure(stack.refresh());
    expect(failure).toContain("[DASHSCOPE_ERR_AUTHENTICATION]");
    expect(failure).toContain("dashscope:apiKey");
    expect(failure).toContain("--run-program");
    expect(failure).toContain("DASHSCOPE_OVERRIDE_API_KEY");
    expect(failure).not.toContain("sk-dead");

    stack.env["DASHSCOPE_OVERRIDE_API_KEY"] = ownKey;
    await stack.destroy();
    expect(threadIds(stack)).toEqual([]);
  });
});
