import { describe, expect, test } from "@jest/globals";
import { call, create, emulator, gone } from "./requests";

const unknown = { code: "WorkSpaceNotFound", message: "The workspace does not exist." };

test("a thread exists only in its own workspace", async () => {
  const target = await emulator();
  const named = await create(target, {}, "llm-a");
  const unnamed = await create(target);
  const views: [string | undefined, string, boolean][] = [
    ["llm-a", named, true],
    ["llm-b", named, false],
    [undefined, named, false],
    [undefined, unnamed, true],
    ["llm-a", unnamed, false],
  ];
  for (const [workspace, id, there] of views)
    for (const method of ["GET", "POST"]) {
      const answer = await call(
        target,
        method,
        `/threads/${id}`,
        workspace === undefined ? {} : { workspace },
      );
      expect(answer).toMatchObject(there ? { status: 200, body: { id } } : { status: 400, body: gone });
    }
  expect(await call(target, "DELETE", `/threads/${named}`, { workspace: "llm-b" })).toMatchObject({
    body: gone,
  });
  expect(target.threads()).toMatchObject([{ id: named, workspace: "llm-a" }, { id: unnamed }]);
});

test("a message exists only in its thread's workspace", async () => {
  const target = await emulator();
  const id = await create(target, {}, "llm-a");
  const { body } = await call(target, "POST", `/threads/${id}/messages`, {
    body: { content: "x" },
    workspace: "llm-a",
  });
  const path = `/threads/${id}/messages/${body["id"]}`;
  for (const [method, at] of [
    ["GET", path],
    ["POST", path],
    ["GET", `${path}/files`],
    ["POST", `/threads/${id}/messages`],
  ] as const)
    expect(
      await call(target, method, at, { body: method === "POST" ? { content: "x" } : undefined }),
    ).toMatchObject({
      status: 400,
      body: gone,
    });
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
