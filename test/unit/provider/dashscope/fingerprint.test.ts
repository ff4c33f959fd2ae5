import { expect, test } from "@jest/globals";
import { computeFingerprint } from "../../../../provider/src/dashscope/fingerprint";

test("a fingerprint has 40 bits, and depends on the key and the endpoint", () => {
  const fingerprint = computeFingerprint("https://a.example", "sk-1");
  expect(fingerprint).toMatch(/^[0-9a-f]{10}$/);
  expect(computeFingerprint("https://a.example", "sk-1")).toBe(fingerprint);
  expect(computeFingerprint("https://b.example", "sk-1")).not.toBe(fingerprint);
  expect(computeFingerprint("https://a.example", "sk-2")).not.toBe(fingerprint);
});
