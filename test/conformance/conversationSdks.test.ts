import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../emulator/src/index";
import { API_KEY, prepareNodeSdk, preparePythonSdk, type Report } from "./sdk";

describe.each([prepareNodeSdk(), preparePythonSdk("openai", "3.57.0", "conversations.py")])(
  "$name, unchanged,",
  (sdk) => {
    if ("missing" in sdk) {
      process.stderr.write(`${sdk.name} isn't tested with the emulator: ${sdk.missing}.\n`);
      test.skip(`isn't tested: ${sdk.missing}`, () => {});
      return;
    }

    let target: Emulator;
    let results: Map<string, Report["result"]>;

    beforeAll(async () => {
      target = await startEmulator({ apiKeys: [API_KEY] });
      results = await sdk.run(target);
    }, 60_000);

    afterAll(() => target?.close());

    const result = (call: string): Report["result"] => {
      const found = results.get(call);
      if (found === undefined) throw new Error(`The program did not report "${call}".`);
      return found;
    };
    const conversationId = () => String(result("create")["id"]);
    const itemId = () => String(result("create items")["last_id"]);

    /** The texts of a list of items. */
    const listed = (call: string): string[] => {
      const { data } = result(call);
      if (!Array.isArray(data)) throw new Error(`"${call}" gave no list.`);
      return data.map((item) => item.content[0].text);
    };

    test("creates, retrieves and updates conversations", () => {
      expect(result("create empty")).toMatchObject({
        id: expect.stringMatching(/^conv_[0-9a-f-]{36}$/),
        object: "conversation",
        created_at: expect.any(Number),
        metadata: {},
      });
      const created = {
        id: conversationId(),
        created_at: result("create")["created_at"],
        metadata: { team: "support", env: "test" },
      };
      expect(result("create")).toMatchObject(created);
      expect(result("retrieve")).toMatchObject(created);
      expect(result("update")).toMatchObject({ ...created, metadata: { team: "sales" } });
      expect(result("update")["metadata"]).toEqual({ team: "sales" });
    });

    test("creates, retrieves and deletes items", () => {
      expect(listed("create items")).toEqual(["How can I help?", "A question"]);
      expect(result("create items")).toMatchObject({ has_more: false, last_id: itemId() });
      expect(result("retrieve item")).toMatchObject({
        id: itemId(),
        type: "message",
        role: "user",
        status: "completed",
        content: [{ type: "input_text", text: "A question" }],
      });
      expect(result("delete item")).toMatchObject({ id: itemId(), object: "conversation.item.deleted" });
    });

    test("lists items in pages and walks through all of them", () => {
      const all = ["Be brief.", "Hello", "How can I help?", "A question"];
      expect(listed("list items")).toEqual(all.toReversed());
      expect(result("list items")["has_more"]).toBe(false);
      expect(listed("list all items")).toEqual(all);
      expect(target.requests().filter(({ verb }) => verb === "listItems")).toHaveLength(4);
    });

    test("understands every error", () => {
      const wrong = { status: 400, code: "invalid_parameter_error", type: "invalid_request_error" };
      expect(result("list with a wrong limit")).toMatchObject({
        ...wrong,
        message: "`limit` must be a whole number from 1 to 100.",
      });
      expect(result("update nothing")).toMatchObject({ ...wrong, message: "`metadata` must be an object." });
      expect(result("wrong key")).toMatchObject({
        status: 401,
        code: "invalid_api_key",
        type: "invalid_request_error",
        message: "Incorrect API key provided.",
      });
      expect(result("retrieve deleted item")).toMatchObject({
        status: 404,
        message: `Item with id '${itemId()}' not found.`,
      });
      expect(result("wrong base URL")["status"]).toBe(404);
      expect(result("wrong base URL")["message"]).toBeFalsy();
    });

    test("deletes a conversation, which is missing then", () => {
      expect(result("delete")).toMatchObject({
        id: conversationId(),
        object: "conversation.deleted",
        deleted: true,
      });
      for (const call of ["delete again", "retrieve deleted", "update deleted"])
        expect(result(call)).toMatchObject({
          status: 404,
          code: null,
          type: "invalid_request_error",
          message: `Conversation with id '${conversationId()}' not found.`,
        });
      expect(target.conversations().map(({ id }) => id)).toEqual([result("create empty")["id"]]);
    });

    test("finds the request ID of every answer in its `x-request-id` header", () => {
      const logged = target.requests().map(({ requestId }) => requestId);
      const lists = ["list items", "list all items"];
      for (const [call, { _request_id }] of results)
        if (!lists.includes(call)) expect(logged).toContain(_request_id);
    });
  },
);
