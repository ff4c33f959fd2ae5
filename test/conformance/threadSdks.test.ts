import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Emulator, type StoredThread, startEmulator } from "../../emulator/src/index";
import { API_KEY, prepareJavaSdk, preparePythonSdk, type Report } from "./sdk";

const gone = {
  code: "InvalidParameter",
  message: "The specified thread has been deleted or does not exist.",
};

const program = "threads_and_messages.py";

describe.each([
  preparePythonSdk("dashscope", "2.0.2", program),
  preparePythonSdk("dashscope", "1.27.8", program),
  prepareJavaSdk(),
])("$name, unchanged,", (sdk) => {
  if ("missing" in sdk) {
    process.stderr.write(`${sdk.name} is not run against the emulator: ${sdk.missing}.\n`);
    test.skip(`is not run: ${sdk.missing}`, () => {});
    return;
  }

  let target: Emulator;
  let results: Map<string, Report["result"]>;
  let elsewhere: StoredThread | undefined;

  beforeAll(async () => {
    target = await startEmulator({ apiKeys: [API_KEY], workspaces: ["llm-conformance"] });
    results = await sdk.run(target);
    elsewhere = target.threads().find(({ workspace }) => workspace === "llm-conformance");
  }, 60_000);

  afterAll(() => target?.close());

  const result = (call: string): Report["result"] => {
    const found = results.get(call);
    if (found === undefined) throw new Error(`The program did not report "${call}".`);
    return found;
  };
  const id = (call: string): unknown => result(call)["id"];

  /** What the SDK told of an error, whatever else its objects have. */
  const error = (call: string) => {
    const { status_code, code, message } = result(call);
    return { status_code, code, message };
  };

  /** The texts of a list of messages. */
  const listed = (call: string): string[] => {
    const { data } = result(call);
    if (!Array.isArray(data)) throw new Error(`"${call}" gave no list.`);
    return data.map((message) => message.content[0].text.value);
  };

  test("finds every request id in the answer, equal to that in the emulator's log", () => {
    const seen = target.requests();
    expect(seen).toHaveLength(results.size);
    expect([...results.values()].map((answer) => answer["request_id"])).toEqual(
      seen.map(({ requestId }) => requestId),
    );
  });

  test("creates, retrieves and updates threads", () => {
    expect(result("create empty")).toMatchObject({
      id: expect.stringMatching(/^thread_[0-9a-f-]{36}$/),
      created_at: expect.any(Number),
      metadata: {},
    });
    const created = {
      id: id("create"),
      created_at: result("create")["created_at"],
      metadata: { team: "support", env: "test" },
    };
    expect(result("create")).toMatchObject(created);
    expect(result("retrieve")).toMatchObject(created);
    expect(result("update")).toMatchObject({ ...created, metadata: { team: "sales" } });
    expect(result("update")["metadata"]).toEqual({ team: "sales" });
    expect(result("update nothing")).toMatchObject({ ...created, metadata: { team: "sales" } });
  });

  test("creates, retrieves and updates messages", () => {
    const created = {
      id: expect.stringMatching(/^message_[0-9a-f-]{36}$/),
      object: "thread.message",
      created_at: expect.any(Number),
      thread_id: id("create"),
      content: [{ type: "text", text: { value: "A question", annotations: [] } }],
      file_ids: ["file_1"],
      metadata: { a: "b" },
      assistant_id: "",
      run_id: "",
    };
    expect(result("create message")).toMatchObject(created);
    expect(result("retrieve message")).toMatchObject({ ...created, id: id("create message") });
    for (const call of ["update message", "update message nothing"])
      expect(result(call)).toMatchObject({ ...created, id: id("create message"), metadata: { c: "d" } });
  });

  test("lists messages in pages", () => {
    const all = ["An answer", "A question", "How can I help?", "Hello"];
    expect(listed("list messages")).toEqual(all);
    expect(result("list messages")).toMatchObject({
      object: "list",
      has_more: false,
      first_id: id("create answer"),
    });
    expect(listed("list oldest")).toEqual(["Hello"]);
    expect(result("list oldest")["has_more"]).toBe(true);
    expect(listed("list after")).toEqual(["A question", "How can I help?"]);
    expect(result("list after")).toMatchObject({ has_more: true, first_id: id("create message") });
    expect(listed("list before")).toEqual(["An answer"]);
    expect(listed("list nothing")).toEqual([]);
    expect(result("list nothing")["has_more"]).toBe(false);
  });

  test("lists and retrieves the files of a message", () => {
    const file = { id: "file_1", object: "thread.message.file", message_id: id("create message") };
    expect(result("list files")).toMatchObject({ object: "list", data: [file], has_more: false });
    expect(result("retrieve file")).toMatchObject(file);
  });

  test("works in a named workspace, and finds nothing of it outside", () => {
    expect(result("update in workspace")).toMatchObject({
      id: id("create in workspace"),
      metadata: { w: "1" },
    });
    expect(listed("list messages in workspace")).toEqual(["Hello"]);
    expect(error("retrieve outside workspace")).toEqual({ status_code: 400, ...gone });
    expect(elsewhere).toMatchObject({
      id: id("create in workspace"),
      metadata: { w: "1" },
      messages: [{ content: "Hello" }],
    });
  });

  test("understands every error", () => {
    expect(error("wrong key")).toEqual({
      status_code: 401,
      code: "InvalidApiKey",
      message: "Invalid API-key provided.",
    });
    expect(error("wrong limit")).toEqual({
      status_code: 400,
      code: "InvalidParameter",
      message: "`limit` must be a whole number from 1 to 100.",
    });
    expect(error("unknown message")).toEqual({
      status_code: 400,
      code: "InvalidParameter",
      message: "The specified message has been deleted or does not exist.",
    });
  });

  test("deletes a thread, which is gone then", () => {
    expect(result("delete")).toMatchObject({ id: id("create"), object: "thread.deleted", deleted: true });
    for (const call of ["delete again", "retrieve deleted", "update deleted", "list messages deleted"])
      expect(error(call)).toEqual({ status_code: 400, ...gone });
    expect(target.threads().map((thread) => thread.id)).toEqual([
      id("create empty"),
      id("create in workspace"),
    ]);
  });
});
