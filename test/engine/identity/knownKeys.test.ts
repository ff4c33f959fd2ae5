import { expect, test } from "@jest/globals";
import { Thread } from "pulumi-dashscope";
import { deleteThread } from "../outsider";
import { describeEngine, failureOf, newStack } from "../setup";
import { accounts, declareSupport, foreignKey, ownKey, rotatedKey, silent } from "./account";
import { readSupport, threadIds } from "./record";

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
    await stack.refresh({ expectNoChanges: true });
    expect((await stack.up()).changes).toEqual({ same: 2 });
    const { outputs: used } = await readSupport(stack);
    expect(new Set(used.__keys)).toEqual(
      new Set([...(created.__keys ?? []), expect.stringMatching(fingerprint)]),
    );
    expect(used.__keys).toHaveLength(2);
    expect(used.__instance).toBe(created.__instance);

    await deleteThread(stack);
    stack.env["DASHSCOPE_API_KEY"] = foreignKey;
    expect(await failureOf(stack.refresh())).toContain("[DASHSCOPE_ERR_ACCOUNT]");
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
    const failure = await failureOf(stack.refresh());
    expect(failure).toContain("[DASHSCOPE_ERR_ACCOUNT]");
    expect(failure).toContain("DASHSCOPE_CONFIRM_GONE");

    stack.env["DASHSCOPE_CONFIRM_GONE"] = String(ids[0]);
    expect(await failureOf(stack.destroy())).toContain(String(ids[1]));
    stack.env["DASHSCOPE_CONFIRM_GONE"] = ids.join(", ");
    await stack.refresh();
    expect((await stack.exportState()).deployment.resources).toHaveLength(2);
  });
});
