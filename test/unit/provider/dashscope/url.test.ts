import { describe, expect, test } from "@jest/globals";
import { normalizeBaseUrl } from "../../../../provider/src/dashscope/url";

describe("normalizeBaseUrl", () => {
  test.each([
    ["https://dashscope.aliyuncs.com/api/v1", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://DashScope.Aliyuncs.com/api/v1///", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://example.com:443/", "https://example.com"],
    ["http://127.0.0.1:8080/api/v1/", "http://127.0.0.1:8080/api/v1"],
    ["http://localhost:1/x", "http://localhost:1/x"],
    ["http://[::1]:1/x", "http://[::1]:1/x"],
    ["http://127.8.9.10/x", "http://127.8.9.10/x"],
  ])("normalizeBaseUrl turns %s into %s", (given, expected) => {
    expect(normalizeBaseUrl(given)).toBe(expected);
  });

  test.each([
    // A key would travel in plaintext, or not at all.
    "http://dashscope.aliyuncs.com/api/v1",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://10.0.0.1/api/v1",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "nowhere",
    // More than a host and a path.
    "https://user@example.com/",
    "https://:x@example.com/",
    "https://example.com/?a",
    "https://a/#b",
  ])("normalizeBaseUrl refuses %s", (given) => {
    expect(normalizeBaseUrl(given)).toBeUndefined();
  });
});
