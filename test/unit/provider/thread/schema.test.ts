import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { normalizeInputs, validateInputs } from "../../../../provider/src/thread/schema";

const message = { role: "user", content: "Hello" };

describe("validateInputs", () => {
  test.each([
    {},
    { metadata: {} },
    { metadata: { team: "support", "env.name/with odd keys": "" } },
    { messages: [] },
    {
      messages: [
        { ...message, fileIds: ["file-1"], metadata: { a: "b" } },
        { role: "assistant", content: "Hi" },
      ],
    },
    { workspace: "llm-1a2b" },
    { adoptId: "thread_1a2b-3c" },
    { adoptId: "thread_1", messages: [], metadata: { a: "b" } },
  ])("the arguments %j are valid", (given) => {
    expect(validateInputs(given)).toEqual({ inputs: given, problems: [] });
  });

  test.each<[unknown, string]>([
    [{ metadata: { env: 5 } }, "metadata.env"],
    [{ metadata: { env: null } }, "metadata.env"],
    [{ metadata: { "a b": ["x"] } }, 'metadata["a b"]'],
    [{ metadata: { "": "x" } }, "metadata"],
    [{ metadata: { "4dabf18193072939515e22adb298388d": "x" } }, "metadata"],
    [{ metadata: "x" }, "metadata"],
    [{ metadata: ["x"] }, "metadata"],
    [{ messages: {} }, "messages"],
    [{ messages: ["Hello"] }, "messages[0]"],
    [{ messages: [{ role: "system", content: "x" }] }, "messages[0].role"],
    [{ messages: [{ content: "x" }] }, "messages[0].role"],
    [{ messages: [{ role: "user" }] }, "messages[0].content"],
    [{ messages: [{ role: "user", content: "" }] }, "messages[0].content"],
    [{ messages: [{ ...message, fileIds: "f" }] }, "messages[0].fileIds"],
    [{ messages: [{ ...message, fileIds: [7] }] }, "messages[0].fileIds[0]"],
    [{ messages: [{ ...message, metadata: { a: null } }] }, "messages[0].metadata.a"],
    [{ messages: [{ ...message, file_ids: [] }] }, "messages[0].file_ids"],
    [{ metdata: {} }, "metdata"],
    [{ workspace: 7 }, "workspace"],
    [{ adoptId: "../models" }, "adoptId"],
    [{ adoptId: 7 }, "adoptId"],
    [{ adoptId: "thread_1", messages: [message] }, "adoptId"],
  ])("the arguments %j have one problem, which names the property %s", (given, property) => {
    const { inputs, problems } = validateInputs(given);
    expect(inputs).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(`\`${property}\``)]);
  });

  test("each wrong property has a problem of its own", () => {
    const { problems } = validateInputs({
      messages: [{ role: "robot", content: 1, extra: 1 }, "x"],
      metadata: { a: 1, b: "fine", c: null },
      color: "red",
    });
    const names = problems.map((problem) => problem.split(" ")[0]).sort();
    expect(names).toEqual(
      [
        "color",
        "messages[0].content",
        "messages[0].extra",
        "messages[0].role",
        "messages[1]",
        "metadata.a",
        "metadata.c",
      ].map((name) => `\`${name}\``),
    );
  });

  test("no problem shows a value", () => {
    const secret = fc.constantFrom<unknown>(
      "hidden",
      471147114711,
      ["hidden"],
      { hidden1: "hidden" },
      "4711471147",
    );
    const message = fc.record({ role: secret, content: secret, fileIds: secret, metadata: secret });
    const wrong = fc.oneof(
      fc.record({ messages: fc.oneof(secret, fc.array(fc.oneof(secret, message))) }),
      fc.record({ metadata: secret, workspace: secret, adoptId: secret, baseUrl: secret, other: secret }),
    );
    fc.assert(
      fc.property(wrong, (given) => {
        for (const problem of validateInputs(given).problems) expect(problem).not.toMatch(/hidden[^1]|4711/);
      }),
    );
  });

  test("anything has either inputs or problems", () => {
    const anything = fc.anything({
      withNullPrototype: true,
      withBigInt: true,
      withDate: true,
      withMap: true,
    });
    fc.assert(
      fc.property(anything, (given) => {
        const { inputs, problems } = validateInputs(given);
        expect(inputs === undefined).toBe(problems.length > 0);
      }),
    );
  });
});

describe("normalizeInputs", () => {
  test.each<[string, Record<string, unknown>, object]>([
    [
      "`undefined` and `null` at the top",
      { messages: null, metadata: undefined, workspace: null, adoptId: null },
      {},
    ],
    ["an empty workspace and `adoptId`", { workspace: "", adoptId: "" }, {}],
    [
      "`null` in a message",
      { messages: [{ ...message, fileIds: null, metadata: null }] },
      { messages: [message] },
    ],
    [
      "empty parts of a message",
      { messages: [{ ...message, fileIds: [], metadata: {} }] },
      { messages: [message] },
    ],
  ])("normalizeInputs removes %s", (_, given, expected) => {
    expect(normalizeInputs(given)).toEqual(expected);
  });

  test("normalizeInputs keeps what makes a difference, or is wrong", () => {
    const given = {
      messages: [
        { ...message, fileIds: ["f"], metadata: { a: "" } },
        { role: "user", content: "" },
        "x",
        null,
        [1],
      ],
      metadata: {},
      baseUrl: "",
      other: 7,
    };
    expect(normalizeInputs(given)).toEqual(given);
  });
});
