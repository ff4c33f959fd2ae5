import { describe, expect, test } from "@jest/globals";
import {
  deriveBaseUrl,
  parseBaseUrl,
  parseWorkspace,
  resolveRegion,
} from "../../../../provider/src/config/endpoint";
import { ConfigurationError } from "../../../../provider/src/dashscope/errors";

const found = (value: string, name = "`dashscope:region`") => ({ value, name });

describe("resolveRegion", () => {
  test.each([
    ["cn-beijing", undefined, "https://dashscope.aliyuncs.com/api/v1"],
    ["cn-beijing", "llm-1a2b", "https://dashscope.aliyuncs.com/api/v1"],
    ["ap-southeast-1", "llm-1a2b", "https://dashscope-intl.aliyuncs.com/api/v1"],
    ["us-east-1", "llm-1A2b_3", "https://llm-1a2b_3.us-east-1.maas.aliyuncs.com/api/v1"],
  ])("the region %s with the workspace %s has the base URL %s", (region, workspace, expected) => {
    expect(resolveRegion(found(region), "native", workspace)).toBe(expected);
    expect(resolveRegion(found(region), "compatible", workspace)).toBe(
      expected.replace("/api/v1", "/compatible-mode/v1"),
    );
  });

  test.each(["evil.example/", "-llm", "a b", "x".repeat(65), "", "ws@host", "a.b", undefined])(
    "a region without its own host isn't resolved with the workspace %j",
    (workspace) => {
      const resolve = () => resolveRegion(found("us-east-1"), "native", workspace);
      expect(resolve).toThrow(ConfigurationError);
      expect(resolve).toThrow(/dashscope:workspace/);
    },
  );

  test.each(["Beijing", "cn beijing", "us-east-1.evil.example", "cn-", "-", "constructor", "__proto__"])(
    "the region %j is refused",
    (region) => {
      expect(() => resolveRegion(found(region), "native", "llm-1")).toThrow(ConfigurationError);
    },
  );

  test("an error names the setting, and shows a bounded part of its value", () => {
    const wrong = found("X".repeat(500), "`DASHSCOPE_API_REGION`");
    expect(() => resolveRegion(wrong, "native", undefined)).toThrow(/^`DASHSCOPE_API_REGION` .{1,250}$/);
  });
});

test("the base URL of one API is derived from the host of the other's", () => {
  expect(deriveBaseUrl("https://gateway.example/proxy/api/v1", "compatible")).toBe(
    "https://gateway.example/compatible-mode/v1",
  );
  expect(deriveBaseUrl("http://127.0.0.1:8080/compatible-mode/v1", "native")).toBe(
    "http://127.0.0.1:8080/api/v1",
  );
});

test("a wrong base URL is an error that names the setting and doesn't show a password", () => {
  expect(parseBaseUrl(found("https://Example.com/x/"))).toBe("https://example.com/x");
  for (const given of ["https://u:secret-value@example.com/", "secret-value", "https://secret-value x/"]) {
    expect(() => parseBaseUrl(found(given, "`dashscope:baseUrl`"))).toThrow(ConfigurationError);
    expect(() => parseBaseUrl(found(given, "`dashscope:baseUrl`"))).toThrow(/^`dashscope:baseUrl` must be/);
    expect(() => parseBaseUrl(found(given))).not.toThrow(/secret-value/);
  }
});

describe("parseWorkspace", () => {
  test.each(["llm-1a2b3c", "ws_1", "a", "x".repeat(128)])("the workspace ID %s is accepted", (id) => {
    expect(parseWorkspace(found(id))).toBe(id);
  });

  test.each(["", "a b", "a\r\nx-evil: 1", "工作区", "x".repeat(129)])(
    "the workspace ID %j, which no header carries, is refused",
    (id) => {
      expect(() => parseWorkspace(found(id))).toThrow(ConfigurationError);
    },
  );
});
