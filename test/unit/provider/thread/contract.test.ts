import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkInputs } from "../../../../provider/src/thread/contract";

describe("the arguments of a thread", () => {
  test.each([
    {},
    { metadata: {} },
    { metadata: { team: "support", "env.name/with odd keys": "" } },
    { messages: [] },
    { messages: [{ role: "user", content: "" }] },
    {
      messages: [
        { role: "user", content: "Hello", fileIds: ["file-1"], metadata: { a: "b" } },
        { role: "assistant", content: "Hi" },
      ],
    },
    { workspace: "llm-1a2b", baseUrl: "https://dashscope.aliyuncs.com/api/v1" },
    { adoptId: "thread_1a2b-3c" },
    { adoptId: "thread_1", messages: [], metadata: { a: "b" } },
  ])("are taken as they are: %j", (given) => {
    expect(checkInputs(given)).toEqual({ inputs: given, problems: [] });
  });

  test.each<[unknown, string]>([
    [{ metadata: { env: 5 } }, "metadata.env must be a string, but is a number."],
    [{ metadata: { env: true } }, "metadata.env must be a string, but is a boolean."],
    [{ metadata: { env: null } }, "metadata.env must be a string, but is null."],
    [{ metadata: { env: {} } }, "metadata.env must be a string, but is an object."],
    [{ metadata: { "a b": ["x"] } }, 'metadata["a b"] must be a string, but is a list.'],
    [{ metadata: "x" }, 'metadata must be a map of strings, such as { team: "support" }, but is a string.'],
    [{ metadata: null }, 'metadata must be a map of strings, such as { team: "support" }, but is null.'],
    [{ metadata: ["x"] }, 'metadata must be a map of strings, such as { team: "support" }, but is a list.'],
    [{ messages: {} }, "messages must be a list of messages, but is an object."],
    [
      { messages: ["Hello"] },
      'messages[0] must be a message such as { role: "user", content: "Hello" }, but is a string.',
    ],
    [
      { messages: [{ role: "system", content: "x" }] },
      'messages[0].role must be "user" or "assistant", but is another string.',
    ],
    [
      { messages: [{ role: "", content: "x" }] },
      'messages[0].role must be "user" or "assistant", but is an empty string.',
    ],
    [{ messages: [{ content: "x" }] }, 'messages[0].role must be "user" or "assistant", but is missing.'],
    [{ messages: [{ role: "user" }] }, "messages[0].content must be a string, but is missing."],
    [
      { messages: [{ role: "user", content: "x", fileIds: "f" }] },
      "messages[0].fileIds must be a list of file ids, but is a string.",
    ],
    [
      { messages: [{ role: "user", content: "x", fileIds: [7] }] },
      "messages[0].fileIds[0] must be a string, but is a number.",
    ],
    [
      { messages: [{ role: "user", content: "x", file_ids: [] }] },
      "messages[0].file_ids is not an argument of a message, which has role, content, fileIds and metadata.",
    ],
    [
      { metdata: {} },
      "metdata is not an argument of a Thread, which has messages, metadata, workspace and adoptId.",
    ],
    [{ workspace: 7 }, "workspace must be a string, but is a number."],
    [
      { adoptId: "" },
      "adoptId must be the id of an existing thread, such as thread_1a2b, but is an empty string.",
    ],
    [
      { adoptId: "../models" },
      "adoptId must be the id of an existing thread, such as thread_1a2b, but is another string.",
    ],
    [{ adoptId: 7 }, "adoptId must be the id of an existing thread, but is a number."],
    [
      { adoptId: "thread_1", messages: [{ role: "user", content: "x" }] },
      "adoptId and messages cannot stand together: an existing thread keeps the messages it has.",
    ],
  ])("are refused in one sentence: %j", (given, sentence) => {
    expect(sentences(given)).toEqual([sentence]);
  });

  test("are refused with a sentence for each property that is wrong", () => {
    const given = {
      messages: [{ role: "robot", content: 1, extra: 1 }, "x"],
      metadata: { a: 1, b: "fine", c: null },
      color: "red",
    };
    expect(sentences(given).map((sentence) => sentence.split(" ")[0])).toEqual(
      expect.arrayContaining([
        "messages[0].role",
        "messages[0].content",
        "messages[0].extra",
        "messages[1]",
        "metadata.a",
        "metadata.c",
        "color",
      ]),
    );
    expect(sentences(given)).toHaveLength(7);
  });

  test("tell where each problem is, so that what is not known yet can be excused", () => {
    const { problems } = checkInputs({ messages: [{ role: "user", content: 1, extra: 2 }] });
    expect(problems.map(({ path }) => path)).toEqual([
      ["messages", 0, "content"],
      ["messages", 0, "extra"],
    ]);
  });

  test("are named on one line, however they are called", () => {
    for (const key of ["two\nlines", "x".repeat(5000), "\u001b[31m"]) {
      for (const sentence of [...sentences({ [key]: 1 }), ...sentences({ metadata: { [key]: 1 } })]) {
        expect(sentence).toMatch(/^[^\p{Cc}]{1,200}$/u);
      }
    }
  });

  test("never show a value in a sentence, whatever it is", () => {
    const secret = fc.constantFrom<unknown>(
      "geheim",
      471147114711,
      ["geheim"],
      { geheim1: "geheim" },
      "471147114711",
    );
    const wrong = fc.oneof(
      fc.record({ messages: secret }),
      fc.record({ messages: fc.array(secret) }),
      fc.record({
        messages: fc.array(fc.record({ role: secret, content: secret, fileIds: secret, metadata: secret })),
      }),
      fc.record({ metadata: secret, workspace: secret, adoptId: secret, baseUrl: secret, other: secret }),
    );
    fc.assert(
      fc.property(wrong, (given) => {
        const { inputs, problems } = checkInputs(given);
        expect(inputs === undefined).toBe(problems.length > 0);
        for (const { sentence } of problems) {
          expect(sentence).not.toMatch(/"?geheim"?[^\d]|4711/);
          expect(sentence).toMatch(/^\S+ (must be|is not an argument of|and messages) .*\.$/);
        }
      }),
    );
  });

  test("are judged without a crash, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
        (given) => {
          const { inputs, problems } = checkInputs(given);
          expect(inputs === undefined).toBe(problems.length > 0);
        },
      ),
    );
  });
});

function sentences(given: unknown): string[] {
  return checkInputs(given).problems.map(({ sentence }) => sentence);
}
