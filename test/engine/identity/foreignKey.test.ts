import { expect, test } from "@jest/globals";
import { Provider, Thread } from "pulumi-dashscope";
import { describeEngine, catchFailure, newStack } from "../setup";
import { accounts, foreignKey, ownKey, silent } from "./account";
import { deletions, readRecords, threadIds } from "./record";

const team = (env: string) => async () => {
  new Thread("support", { metadata: { env } });
  new Thread("sales", { metadata: { env } }, { protect: true });
};

describeEngine("a valid key of another account", () => {
  test("can't drop, create, update or delete a thread, protected or not", async () => {
    const stack = await newStack({ env: silent, emulator: accounts }, team("dev"));
    await stack.up();
    const ids = threadIds(stack);

    stack.env["DASHSCOPE_API_KEY"] = foreignKey;
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(await catchFailure(stack.up({ refresh: true }))).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(await catchFailure(stack.destroy({ excludeProtected: true }))).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    stack.program = team("prod");
    const update = await catchFailure(stack.up());
    expect(update).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(update).not.toContain("pulumi refresh");
    expect((await readRecords(stack)).size).toBe(2);
    expect(stack.emulator.threads()).toMatchObject(
      ids.map((id) => ({ id, metadata: { env: "dev" }, account: "ours" })),
    );

    stack.env["DASHSCOPE_API_KEY"] = ownKey;
    stack.program = team("dev");
    expect((await stack.up({ refresh: true })).changes).toEqual({ same: 3 });
  });

  test("in a Provider that a thread moves to leaves the thread as it is, and the way back is open", async () => {
    const program = (key: string) => async () => {
      const provider = new Provider("account", { apiKey: key });
      new Thread("support", { metadata: { env: "dev" } }, { provider });
    };
    const stack = await newStack({ env: silent, emulator: accounts }, async () => {
      new Thread("support", { metadata: { env: "dev" } });
    });
    await stack.up();
    const ids = threadIds(stack);
    const own = stack.program;

    stack.program = program(foreignKey);
    await stack.up().catch(() => {});
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(threadIds(stack)).toEqual(ids);

    stack.program = own;
    await stack.up();
    await stack.refresh({ expectNoChanges: true });
    expect(threadIds(stack)).toEqual(ids);
    expect((await readRecords(stack)).get("support")?.id).toBe(ids[0]);
    expect(deletions(stack).length).toBeLessThanOrEqual(1);
  });
});
