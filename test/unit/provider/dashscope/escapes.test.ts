import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { unescaped } from "../../../../provider/src/dashscope/escapes";

describe("unescaping", () => {
  test.each([
    ["JSON", String.raw`a\"b\\c\/d`, String.raw`a"b\c/d`],
    ["JSON's and Java's characters", String.raw`\u4f60\u597d \ud83d\ude00`, "你好 😀"],
    ["a URL", "%E4%BD%A0%20b", "你 b"],
    ["HTML", "&lt;b&gt; &amp;amp; &quot;x&quot; &#39;y&#x27;", "<b> & \"x\" 'y'"],
    ["Python's bytes", String.raw`b\'\xe4\xbd\xa0\'`, "b'你'"],
  ])("undoes those of %s", (_, text, meant) => {
    expect(unescaped(text)).toBe(meant);
  });

  test("undoes those of JSON within JSON", () => {
    expect(unescaped(JSON.stringify(JSON.stringify('"你"')))).toBe('""""你""""'.slice(1, -1));
  });

  test("leaves a text without escapes as it is", () => {
    expect(unescaped("100% of R&D; 5 \\ 7")).toBe("100% of R&D; 5 \\ 7");
  });

  test("comes to an end, whatever it is given", () => {
    const pieces = fc.constantFrom(
      "%",
      "25",
      "\\",
      "u",
      "{",
      "}",
      "0041",
      "x",
      "&",
      "#",
      "amp;",
      "110000",
      ";",
      "a",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = unescaped(parts.join(""));
        expect(unescaped(text)).toBe(text);
      }),
    );
  });
});
