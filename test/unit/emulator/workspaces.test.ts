import { describe, expect, test } from "@jest/globals";
import { call, create, emulator, expectMissing } from "./requests";

const unknown = { code: "WorkSpaceNotFound", message: "The workspace does not exist." };

test("a thread with its messages exists only in its own workspace", async () => {
  const target = await emulator();
  const workspace = "llm-a";
  const named = await create(target, { messages: [{ role: "user", content: "x" }] }, workspace);
  const unnamed = await create(target);
  const messageId = target.threads()[0]?.messages[0]?.id;
  await expectMissing(target, named, { workspace: "llm-b" }, messageId);
  await expectMissing(target, named, {}, messageId);
  await expectMissing(target, unnamed, { workspace });
  expect(await call(target, "GET", `/threads/${named}`, { workspace })).toMatchObject({ status: 200 });
  expect(await call(target, "GET", `/threads/${unnamed}`)).toMatchObject({ status: 200 });
  expect(target.threads()).toMatchObject([{ id: named, workspace }, { id: unnamed }]);
});

describe("the workspaces that can be named", () => {
  test("a request may name the listed workspaces and the key's own", async () => {
    const target = await emulator({ workspaces: ["llm-a"] });
    expect(await call(target, "POST", "/threads", { workspace: "llm-a" })).toMatchObject({ status: 200 });
    expect(await call(target, "POST", "/threads", { workspace: "" })).toMatchObject({ status: 200 });
    expect(await call(target, "POST", "/threads", { workspace: "llm-b" })).toMatchObject({
      status: 404,
      body: unknown,
    });
  });

  test.each([["a b"], ["../x"], ["-a"], ["a".repeat(65)], ["a, b"]])(
    "a request may not name the workspace %j",
    async (workspace) => {
      const target = await emulator();
      expect(await call(target, "POST", "/threads", { workspace })).toMatchObject({
        status: 404,
        body: unknown,
      });
    },
  );
});
