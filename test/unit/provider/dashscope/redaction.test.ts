import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isShowable, redacted } from "../../../../provider/src/dashscope/redaction";

const key = "sk-1f4c9b7e2d6a48d0";
const message = 'Tell nobody: the vault opens with "4711", then <enter>.\n你好，世界。 50% & more';

describe("redaction", () => {
  test("leaves what a server says by itself as it is", () => {
    const said = "Range of input length should be [1, 6000], see https://help.example/errors#length";
    expect(redacted(said, [key, message, "on", "prod"])).toBe(said);
  });

  test("takes a secret out, wherever and however often it stands", () => {
    expect(redacted(`bad ${key}! (${key})`, [key])).toBe("bad [redacted]! ([redacted])");
  });

  test.each([
    ["JSON", JSON.stringify(message)],
    ["JSON within JSON", JSON.stringify(JSON.stringify(message))],
    ["JSON in ASCII", asciiJson(message)],
    ["a URL", encodeURIComponent(message)],
    ["HTML", htmlEscaped(message)],
    ["other spacing", message.replace(/\s+/g, "  \r\n ")],
  ])("finds a secret escaped as %s", (_, form) => {
    const shown = redacted(`Content ${form} is not allowed.`, [message]);
    expect(shown).toMatch(/^Content "*\[redacted\]"* is not allowed\.$/);
  });

  test.each([
    ["its beginning", message.slice(0, 10)],
    ["its beginning, to the middle", message.slice(0, 30)],
    ["its end", message.slice(-20)],
    ["a part of it", message.slice(15, 40)],
  ])("finds a secret of which a server repeats %s", (_, piece) => {
    const shown = redacted(`Content ‹${piece}›… is not allowed.`, [message]);
    expect(shown).toBe("Content ‹[redacted]›… is not allowed.");
  });

  test("finds a secret that is cut off by the bound on what is shown", () => {
    for (let filling = 250; filling < 310; filling++) {
      expect(redacted(`${"- ".repeat(filling / 2)}${message}`, [message])).not.toContain("Tell");
    }
  });

  test("finds a secret that looks escaped itself", () => {
    const secret = "Save 100%25 today, and 50%25 tomorrow";
    expect(redacted(`Content ${secret} is not allowed.`, [secret])).toBe(
      "Content [redacted] is not allowed.",
    );
  });

  test("takes a short secret out as a word, and leaves other words whole", () => {
    expect(redacted('"one" is not one of [ones, none]: one', ["one"])).toBe(
      '"[redacted]" is not [redacted] of [ones, none]: [redacted]',
    );
  });

  test("leaves one or two characters, which are no secret and stand in every text", () => {
    expect(redacted("within 1.5 s of 10 attempts", ["1", "10", "s"])).toBe("within 1.5 s of 10 attempts");
    expect(redacted("the pin 471 is wrong", ["471"])).toBe("the pin [redacted] is wrong");
  });

  test("takes out the whole of a secret that contains another", () => {
    expect(redacted("got production-eu here", ["production", "production-eu"])).toBe("got [redacted] here");
  });

  test.each(["sk-0a1b2c3d4e", "sk-****1f4c", "sk-ws-abc.def", "sk-1f4…48d0", "sk-"])(
    "takes out anything that looks like a key: %s",
    (word) => {
      expect(redacted(`key ${word}, no`, [])).toBe("key [redacted], no");
    },
  );

  test("is not confused by the word risk-based or by empty secrets", () => {
    expect(redacted("risk-based desk-top", ["", " "])).toBe("risk-based desk-top");
  });

  test("makes one short line that a terminal shows as it is and gRPC can carry", () => {
    const nasty = `\u001b[31mred\u0007\r\n${"😀".repeat(400)}`;
    for (const text of [
      nasty,
      "😀".repeat(400),
      `x${"😀".repeat(400)}`,
      "\ud800 half",
      String.raw`\u001b[31m \ud800`,
    ]) {
      const shown = redacted(text, []);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      expect(shown.length).toBeLessThanOrEqual(301);
      expect(() => encodeURI(shown)).not.toThrow();
    }
  });

  test("shows no eight characters from the beginning of any secret, in any text around it", () => {
    const secret = fc
      .string({ unit: "grapheme", minLength: 8, maxLength: 40 })
      .filter((s) => /^\S+$/.test(s));
    const escaped = fc.constantFrom(
      (s: string) => s,
      (s: string) => JSON.stringify(s).slice(1, -1),
      encodeURIComponent,
      asciiJson,
      htmlEscaped,
    );
    fc.assert(
      fc.property(secret, escaped, fc.string(), fc.string(), (secret, escaping, before, after) => {
        fc.pre(!before.includes("\\") && !"[redacted]".includes(secret.slice(0, 8)));
        const line = secret.replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, " ").trim();
        fc.pre(line.length >= 8);
        expect(redacted(`${before} ${escaping(secret)} ${after}`, [secret])).not.toContain(line.slice(0, 8));
      }),
    );
  });
});

function asciiJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function htmlEscaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

describe("a request id", () => {
  const id = "0b332e7d-aab8-9bda-8dd1-a2d4dc7ff1cc";

  test("of DashScope's own form is shown beside secrets that have nothing in common with it", () => {
    expect(isShowable(id, ["You are talking to the support desk.", "prod", "4711"])).toBe(true);
  });

  test.each([
    ["the whole", id],
    ["the beginning of", "0b332e7d and more"],
    ["a part of", `order ${id.slice(5, 17)}`],
    ["as a word of it", "9bda"],
    ["escaped", "%30%62%33%33%32%65%37%64 and more"],
  ])("that repeats a secret is not: %s", (_, secret) => {
    expect(isShowable(id, [secret])).toBe(false);
  });

  test("is shown exactly when redaction would leave it as it is", () => {
    const piece = fc
      .tuple(fc.nat(35), fc.integer({ min: 1, max: 36 }))
      .map(([start, length]) => id.slice(start, start + length));
    const filling = fc.constantFrom("", " ", "%", "\\x30", "&#48;", "\u200b", "text", "-", "0");
    const secret = fc.array(fc.oneof(piece, filling), { maxLength: 4 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(secret, (text) => {
        expect(isShowable(id, [text])).toBe(redacted(id, [text]) === id);
      }),
      { numRuns: 2000 },
    );
  });
});
