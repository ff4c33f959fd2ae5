import { expect, test } from "@jest/globals";
import { describeSdks, prepareNodeSdk, preparePythonSdk } from "./sdk";

const sdks = [prepareNodeSdk(), preparePythonSdk("openai", "3.57.0", "conversations.py")];

describeSdks(sdks, {}, (name, getRun) => {
  const getResult = (call: string) => getRun().getResult(call);
  const listContents = (call: string) => getRun().listContents(call);
  const conversationId = () => String(getResult("create")["id"]);
  const itemId = () => String(getResult("create items")["last_id"]);

  test(`${name} creates, retrieves and updates conversations`, () => {
    expect(getResult("create empty")).toMatchObject({
      id: expect.stringMatching(/^conv_[0-9a-f-]{36}$/),
      object: "conversation",
      created_at: expect.any(Number),
      metadata: {},
    });
    const created = {
      id: conversationId(),
      created_at: getResult("create")["created_at"],
      metadata: { team: "support", env: "test" },
    };
    expect(getResult("create")).toMatchObject(created);
    expect(getResult("retrieve")).toMatchObject(created);
    expect(getResult("update")).toMatchObject({ ...created, metadata: { team: "sales" } });
    expect(getResult("update")["metadata"]).toEqual({ team: "sales" });
  });

  test(`${name} creates, retrieves and deletes items`, () => {
    expect(listContents("create items")).toEqual(["How can I help?", "A question"]);
    expect(getResult("create items")).toMatchObject({ has_more: false, last_id: itemId() });
    expect(getResult("retrieve item")).toMatchObject({
      id: itemId(),
      type: "message",
      role: "user",
      status: "completed",
      content: [{ type: "input_text", text: "A question" }],
    });
    expect(getResult("delete item")).toMatchObject({ id: itemId(), object: "conversation.item.deleted" });
  });

  test(`${name} lists items in pages and reads all of them`, () => {
    const all = ["Be brief.", "Hello", "How can I help?", "A question"];
    expect(listContents("list items")).toEqual(all.toReversed());
    expect(getResult("list items")["has_more"]).toBe(false);
    expect(listContents("list all items")).toEqual(all);
    expect(
      getRun()
        .emulator.requests()
        .filter(({ verb }) => verb === "listItems"),
    ).toHaveLength(4);
  });

  test(`${name} reports every error with its status, code and message`, () => {
    const wrong = { status: 400, code: "invalid_parameter_error", type: "invalid_request_error" };
    expect(getResult("list with a wrong limit")).toMatchObject({
      ...wrong,
      message: "`limit` must be a whole number from 1 to 100.",
    });
    expect(getResult("update nothing")).toMatchObject({
      ...wrong,
      message: "`metadata` must be an object.",
    });
    expect(getResult("wrong key")).toMatchObject({
      status: 401,
      code: "invalid_api_key",
      type: "invalid_request_error",
      message: "Incorrect API key provided.",
    });
    expect(getResult("retrieve deleted item")).toMatchObject({
      status: 404,
      message: `Item with id '${itemId()}' not found.`,
    });
    expect(getResult("wrong base URL")["status"]).toBe(404);
    expect(getResult("wrong base URL")["message"]).toBeFalsy();
  });

  test(`${name} deletes a conversation`, () => {
    expect(getResult("delete")).toMatchObject({
      id: conversationId(),
      object: "conversation.deleted",
      deleted: true,
    });
    for (const call of ["delete again", "retrieve deleted", "update deleted"])
      expect(getResult(call)).toMatchObject({
        status: 404,
        code: null,
        type: "invalid_request_error",
        message: `Conversation with id '${conversationId()}' not found.`,
      });
    expect(
      getRun()
        .emulator.conversations()
        .map(({ id }) => id),
    ).toEqual([getResult("create empty")["id"]]);
  });

  test(`${name} finds the request ID of every answer`, () => {
    const logged = getRun()
      .emulator.requests()
      .map(({ requestId }) => requestId);
    const lists = ["list items", "list all items"];
    for (const [call, { _request_id }] of getRun().results)
      if (!lists.includes(call)) expect(logged).toContain(_request_id);
  });
});
