import { expect, test } from "@jest/globals";
import { quoteKeys, quotePath, quoteText } from "../../../../provider/src/dashscope/quote";

test.each([0x0a, 0x1b, 0x7f, 0x85, 0x9b, 0x2028, 0x2029, 0xd800])(
  "a quoted string escapes the character with the code %d, which could end the line or control a terminal",
  (code) => {
    const text = `a${String.fromCharCode(code)}b`;
    for (const quoted of [quoteText(text), quoteKeys([text]), quotePath(["metadata", text])]) {
      expect(quoted).toMatch(/^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u);
      expect(quoted).toContain("a\\");
    }
  },
);
