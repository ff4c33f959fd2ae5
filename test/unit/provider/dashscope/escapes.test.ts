import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { unescapeText } from "../../../../provider/src/dashscope/escapes";

describe("unescapeText", () => {
  test.each([
    ["JSON", String.raw`a\"b\\c\/d`, String.raw`a"b\c/d`],
    ["JSON's and Java's characters", String.raw`\u4f60\u597d \ud83d\ude00`, "你好 😀"],
    ["a URL", "%E4%BD%A0%20b", "你 b"],
    ["HTML", "&lt;b&gt; &amp;amp; &quot;x&quot; &#39;y&#x27;", "<b> & \"x\" 'y'"],
    ["Python's bytes", String.raw`b\'\xe4\xbd\xa0\'`, "b'你'"],
    ["JSON within JSON", JSON.stringify(JSON.stringify('"你"')), '"""你"""'],
  ])("unescapeText undoes the escapes of %s", (_, text, meant) => {
    expect(unescapeText(text)).toBe(meant);
  });

  test("unescapeText leaves a text without escapes as it is", () => {
    expect(unescapeText("100% of R&D; 5 \\ 7")).toBe("100% of R&D; 5 \\ 7");
  });

  test("unescapeText never throws, and stops after a few rounds", () => {
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
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        expect(unescapeText(parts.join("")).length).toBeLessThanOrEqual(parts.join("").length);
      }),
    );
    expect(unescapeText(`%${"25".repeat(20_000)}41`)).toContain("2525");
  });
});
