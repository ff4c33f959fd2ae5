import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isShowableId, redactText, repeatsSecret } from "../../../../provider/src/dashscope/redaction";

const key = "sk-1f4c9b7e2d6a48d0";
const message = 'Tell nobody: the vault opens with "4711", then <enter>.\n你好，世界。 50% & more';

describe("repeatsSecret", () => {
  test("repeatsSecret passes what a server says by itself", () => {
    const said = "Range of input length should be [1, 6000], see https://help.example/errors#length";
    expect(repeatsSecret(said, [key, message, "on", "prod"])).toBe(false);
  });

  test.each<[string, (secret: string) => string]>([
    ["as it is", (secret) => secret],
    ["in JSON", JSON.stringify],
    ["in JSON within JSON", (secret) => JSON.stringify(JSON.stringify(secret))],
    ["in ASCII JSON", escapeAsciiJson],
    ["in a URL", encodeURIComponent],
    ["in HTML", escapeHtml],
    ["with other spacing", (secret) => secret.replace(/\s+/g, "  \r\n ")],
    ["in base64", (secret) => Buffer.from(secret).toString("base64")],
    ["in base64url", (secret) => Buffer.from(secret).toString("base64url")],
    ["in hex", (secret) => Buffer.from(secret).toString("hex")],
    ["in upper-case hex", (secret) => Buffer.from(secret).toString("hex").toUpperCase()],
    ["in upper case", (secret) => secret.toUpperCase()],
    ["reversed", (secret) => [...secret].reverse().join("")],
    ["with spaces in between", (secret) => [...secret].join(" ")],
    ["with dashes in between", (secret) => secret.replace(/.{2}/g, "$&-")],
  ])("repeatsSecret finds a key and a message %s", (_, write) => {
    for (const secret of [key, message]) {
      expect(repeatsSecret(`Content ${write(secret)} isn't allowed.`, ["other", secret])).toBe(true);
    }
  });

  test.each([
    ["its beginning", message.slice(0, 12)],
    ["its end", message.slice(-14)],
    ["a part of it", message.slice(18, 40)],
  ])("repeatsSecret finds a message of which a server repeats %s", (_, piece) => {
    expect(repeatsSecret(`Content ‹${piece}›… isn't allowed.`, [message])).toBe(true);
  });

  test("repeatsSecret finds a secret that looks escaped itself", () => {
    const secret = "Save 100%25 today, and 50%25 tomorrow";
    expect(repeatsSecret(`Content ${secret} isn't allowed.`, [secret])).toBe(true);
  });

  test("repeatsSecret finds what an escaped secret decodes to", () => {
    const secret = [..."correct horse"].map((letter) => `%${Buffer.from(letter).toString("hex")}`).join("");
    expect(repeatsSecret("Content correct horse isn't allowed.", [secret])).toBe(true);
  });

  test("repeatsSecret finds a short secret only as a whole word", () => {
    expect(repeatsSecret('"one" is wrong', ["one"])).toBe(true);
    expect(repeatsSecret("none of [ones, none]", ["one"])).toBe(false);
    expect(repeatsSecret("the pin 471 is wrong", ["471"])).toBe(true);
  });

  test.each(["p@s$!", "4-711", "P@$$w0rd!#", "😀😀😀😀😀😀", "+1 (55) 01"])(
    "repeatsSecret finds a secret that has few letters and digits: %s",
    (secret) => {
      expect(repeatsSecret(`The value ${secret} isn't allowed.`, [secret])).toBe(true);
      expect(repeatsSecret("The value isn't allowed.", [secret])).toBe(false);
    },
  );

  test("repeatsSecret ignores empty secrets and secrets of one or two characters, which any message has", () => {
    expect(repeatsSecret("within 1.5 s of 10 attempts", ["1", "10", "s", "", " "])).toBe(false);
  });

  test("repeatsSecret withholds everything beside secrets that are too long to compare", () => {
    expect(repeatsSecret("no", ["a".repeat(1_000_001)])).toBe(true);
  });

  test("repeatsSecret takes linear time for a server that repeats 2,000 characters of a 20 KB message", () => {
    const secret = Array.from({ length: 2_500 }, (_, at) => `word${at} `)
      .join("")
      .slice(0, 20_000);
    const escaped = "%2525".repeat(8_000);
    const started = performance.now();
    expect(repeatsSecret(`no: ${secret.slice(9_000, 11_000)}`, [secret])).toBe(true);
    expect(repeatsSecret("a".repeat(2_000), Array(40).fill("a".repeat(7).padEnd(20_000, "b")))).toBe(false);
    repeatsSecret(escaped, [escaped]);
    // It took 19 s when the time was quadratic. The bound leaves room for a busy machine.
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test("repeatsSecret finds eight letters of any secret, in any text around it", () => {
    const secret = fc.stringMatching(/^[a-z0-9]{8,40}$/);
    const write = fc.constantFrom(
      (text: string) => text,
      (text: string) => JSON.stringify(text),
      encodeURIComponent,
      escapeAsciiJson,
      escapeHtml,
      (text: string) => text.slice(0, 8),
    );
    const around = fc.string().map((text) => text.replaceAll("\\", ""));
    fc.assert(
      fc.property(secret, write, around, around, (text, writeEscaped, before, after) => {
        expect(repeatsSecret(`${before} ${writeEscaped(text)} ${after}`, [text])).toBe(true);
      }),
    );
  });
});

test("isShowableId never shows a UUID that repeats a part of a secret", () => {
  const hex = fc.stringMatching(/^[\da-fA-F](?:[\da-fA-F]|[- ]){2,20}$/);
  const secrets = fc.array(fc.oneof(hex, fc.string()), { maxLength: 3 });
  const part = fc
    .tuple(fc.uuid(), fc.nat({ max: 34 }), fc.integer({ min: 2, max: 12 }))
    .map(([id, at, length]): [string, string[]] => [id, [id.slice(at, at + length)]]);
  fc.assert(
    fc.property(fc.oneof(part, fc.tuple(fc.uuid(), secrets)), ([id, some]) => {
      if (repeatsSecret(id, some)) expect(isShowableId(id, some)).toBe(false);
    }),
    { numRuns: 1000, examples: [[["00000000-0000-1000-b13b-000000000000", ["3b-"]]]] },
  );
});

describe("redactText", () => {
  test.each(["sk-0a1b2c3d4e", "sk-****1f4c", "sk-ws-abc.def", "sk-1f4…48d0", "sk-"])(
    "redactText removes what looks like a key: %s",
    (word) => {
      expect(redactText(`key ${word}, no`)).toBe("key [redacted], no");
    },
  );

  test("redactText leaves words that only contain `sk-` as they are", () => {
    expect(redactText("risk-based desk-top")).toBe("risk-based desk-top");
  });

  test("redactText makes one short line that terminals show as it is and gRPC can carry", () => {
    const nasty = `\u001b[31mred\u0007\r\n${"😀".repeat(400)}`;
    for (const text of [nasty, "😀".repeat(400), `x${"😀".repeat(400)}`, "\ud800 half"]) {
      const shown = redactText(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      expect(shown.length).toBeLessThanOrEqual(301);
      expect(() => encodeURI(shown)).not.toThrow();
    }
  });
});

function escapeAsciiJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
