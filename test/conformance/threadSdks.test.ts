import { expect, test } from "@jest/globals";
import { describeSdks, prepareJavaSdk, preparePythonSdk } from "./sdk";

const gone = {
  code: "InvalidParameter",
  message: "The specified thread has been deleted or does not exist.",
};

const program = "threads_and_messages.py";
const sdks = [
  preparePythonSdk("dashscope", "2.0.2", program),
  preparePythonSdk("dashscope", "1.27.8", program),
  prepareJavaSdk(),
];

describeSdks(sdks, { workspaces: ["llm-conformance"] }, (name, getRun) => {
  const getResult = (call: string) => getRun().getResult(call);
  const listContents = (call: string) => getRun().listContents(call);
  const getId = (call: string): unknown => getResult(call)["id"];

  /** Returns what the SDK reports of an error. */
  const getError = (call: string) => {
    const { status_code, code, message } = getResult(call);
    return { status_code, code, message };
  };

  test(`${name} finds the request ID of every answer`, () => {
    const { emulator, results } = getRun();
    const seen = emulator.requests();
    expect(seen).toHaveLength(results.size);
    expect([...results.values()].map((answer) => answer["request_id"])).toEqual(
      seen.map(({ requestId }) => requestId),
    );
  });

  test(`${name} creates, retrieves and updates threads`, () => {
    expect(getResult("create empty")).toMatchObject({
      id: expect.stringMatching(/^thread_[0-9a-f-]{36}$/),
      created_at: expect.any(Number),
      metadata: {},
    });
    const created = {
      id: getId("create"),
      created_at: getResult("create")["created_at"],
      metadata: { team: "support", env: "test" },
    };
    expect(getResult("create")).toMatchObject(created);
    expect(getResult("retrieve")).toMatchObject(created);
    expect(getResult("update")).toMatchObject({ ...created, metadata: { team: "sales" } });
    expect(getResult("update")["metadata"]).toEqual({ team: "sales" });
    expect(getResult("update nothing")).toMatchObject({ ...created, metadata: { team: "sales" } });
  });

  test(`${name} creates, retrieves and updates messages`, () => {
    const created = {
      id: expect.stringMatching(/^message_[0-9a-f-]{36}$/),
      object: "thread.message",
      created_at: expect.any(Number),
      thread_id: getId("create"),
      content: [{ type: "text", text: { value: "A question", annotations: [] } }],
      file_ids: ["file_1"],
      metadata: { a: "b" },
      assistant_id: "",
      run_id: "",
    };
    expect(getResult("create message")).toMatchObject(created);
    expect(getResult("retrieve message")).toMatchObject({ ...created, id: getId("create message") });
    for (const call of ["update message", "update message nothing"])
      expect(getResult(call)).toMatchObject({
        ...created,
        id: getId("create message"),
        metadata: { c: "d" },
      });
  });

  test(`${name} lists messages in pages`, () => {
    const all = ["An answer", "A question", "How can I help?", "Hello"];
    expect(listContents("list messages")).toEqual(all);
    expect(getResult("list messages")).toMatchObject({
      object: "list",
      has_more: false,
      first_id: getId("create answer"),
    });
    expect(listContents("list oldest")).toEqual(["Hello"]);
    expect(getResult("list oldest")["has_more"]).toBe(true);
    expect(listContents("list after")).toEqual(["A question", "How can I help?"]);
    expect(getResult("list after")).toMatchObject({ has_more: true, first_id: getId("create message") });
    expect(listContents("list before")).toEqual(["An answer"]);
    expect(listContents("list nothing")).toEqual([]);
    expect(getResult("list nothing")["has_more"]).toBe(false);
  });

  test(`${name} lists and retrieves the files of a message`, () => {
    const file = { id: "file_1", object: "thread.message.file", message_id: getId("create message") };
    expect(getResult("list files")).toMatchObject({ object: "list", data: [file], has_more: false });
    expect(getResult("retrieve file")).toMatchObject(file);
  });

  test(`${name} finds a thread of a workspace only there`, () => {
    expect(getResult("update in workspace")).toMatchObject({
      id: getId("create in workspace"),
      metadata: { w: "1" },
    });
    expect(listContents("list messages in workspace")).toEqual(["Hello"]);
    expect(getError("retrieve outside workspace")).toEqual({ status_code: 400, ...gone });
    expect(getRun().emulator.threads().at(-1)).toMatchObject({
      id: getId("create in workspace"),
      metadata: { w: "1" },
      messages: [{ content: "Hello" }],
    });
  });

  test(`${name} reports every error with its status, code and message`, () => {
    expect(getError("wrong key")).toEqual({
      status_code: 401,
      code: "InvalidApiKey",
      message: "Invalid API-key provided.",
    });
    expect(getError("wrong limit")).toEqual({
      status_code: 400,
      code: "InvalidParameter",
      message: "`limit` must be a whole number from 1 to 100.",
    });
    expect(getError("unknown message")).toEqual({
      status_code: 400,
      code: "InvalidParameter",
      message: "The specified message has been deleted or does not exist.",
    });
  });

  test(`${name} deletes a thread`, () => {
    expect(getResult("delete")).toMatchObject({
      id: getId("create"),
      object: "thread.deleted",
      deleted: true,
    });
    for (const call of ["delete again", "retrieve deleted", "update deleted", "list messages deleted"])
      expect(getError(call)).toEqual({ status_code: 400, ...gone });
    expect(
      getRun()
        .emulator.threads()
        .map((thread) => thread.id),
    ).toEqual([getId("create empty"), getId("create in workspace")]);
  });
});
