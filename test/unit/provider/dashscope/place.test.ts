import { describe, expect, test } from "@jest/globals";
import { ConfigurationError } from "../../../../provider/src/dashscope/errors";
import {
  baseUrlOfRegion,
  canonicalBaseUrl,
  checkedWorkspace,
  defaultRegion,
} from "../../../../provider/src/dashscope/place";

const region = (value: string) => ({ value, name: "dashscope:region" });
const url = (value: string) => ({ value, name: "dashscope:baseUrl" });
const workspace = (value: string) => ({ value, name: "dashscope:workspace" });

describe("the base URL of a region", () => {
  test.each([
    [defaultRegion, "https://dashscope.aliyuncs.com/api/v1"],
    ["cn-beijing", "https://dashscope.aliyuncs.com/api/v1"],
    ["ap-southeast-1", "https://dashscope-intl.aliyuncs.com/api/v1"],
  ])("%s is one of the two that document threads, whatever the workspace", (name, expected) => {
    expect(baseUrlOfRegion(region(name))).toBe(expected);
    expect(baseUrlOfRegion(region(name), "llm-1a2b")).toBe(expected);
  });

  test("begins with the workspace everywhere else, as in the vendor's SDKs", () => {
    expect(baseUrlOfRegion(region("us-east-1"), "llm-1A2b_3")).toBe(
      "https://llm-1a2b_3.us-east-1.maas.aliyuncs.com/api/v1",
    );
  });

  test("needs a workspace there, and says where to set one", () => {
    expect(() => baseUrlOfRegion(region("eu-central-1"))).toThrow(ConfigurationError);
    expect(() => baseUrlOfRegion(region("eu-central-1"))).toThrow(
      /dashscope:region is "eu-central-1".*set dashscope:workspace or DASHSCOPE_WORKSPACE_ID/,
    );
  });

  test.each(["evil.example/", "-llm", "a b", "x".repeat(65), "", "ws@host", "a.b"])(
    "is not built from a workspace that is no host label: %j",
    (id) => {
      expect(() => baseUrlOfRegion(region("us-east-1"), id)).toThrow(ConfigurationError);
    },
  );

  test.each([
    "Beijing",
    "cn beijing",
    "us-east-1.evil.example",
    "cn-",
    "-",
    "constructor",
    "toString",
    "__proto__",
  ])("is not built from what is no region: %j", (name) => {
    expect(() => baseUrlOfRegion(region(name), "llm-1")).toThrow(
      /^dashscope:region must be a region such as cn-beijing or ap-southeast-1, but is /,
    );
  });

  test("names the variable that the region came from, and shortens what it shows", () => {
    const wrong = { value: "X".repeat(500), name: "DASHSCOPE_API_REGION" };
    expect(() => baseUrlOfRegion(wrong)).toThrow(/^DASHSCOPE_API_REGION must be .{1,200}$/);
  });
});

describe("a configured base URL", () => {
  test.each([
    ["https://dashscope.aliyuncs.com/api/v1", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://DashScope.Aliyuncs.com/api/v1///", "https://dashscope.aliyuncs.com/api/v1"],
    ["https://example.com", "https://example.com"],
    ["https://example.com:443/", "https://example.com"],
    ["http://127.0.0.1:8080/api/v1/", "http://127.0.0.1:8080/api/v1"],
    ["http://localhost:1/x", "http://localhost:1/x"],
    ["http://[::1]:1/x", "http://[::1]:1/x"],
    ["http://127.8.9.10/x", "http://127.8.9.10/x"],
  ])("%s has one form, %s", (given, expected) => {
    expect(canonicalBaseUrl(url(given))).toBe(expected);
  });

  test.each([
    "http://dashscope.aliyuncs.com/api/v1",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://10.0.0.1/api/v1",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
  ])("is https:, or http: to a loopback address: not %s", (given) => {
    expect(() => canonicalBaseUrl(url(given))).toThrow(/^dashscope:baseUrl must be a URL such as /);
  });

  test.each(["https://user@example.com/", "https://example.com/?a=1", "https://example.com/#a"])(
    "carries nothing but a host and a path: not %s",
    (given) => {
      expect(() => canonicalBaseUrl(url(given))).toThrow(/without a user name, a query or a fragment/);
    },
  );

  test("may hold a password that must not be repeated", () => {
    for (const given of ["https://u:geheim@example.com/", "geheim", "https://geheim geheim/"]) {
      expect(() => canonicalBaseUrl(url(given))).toThrow(ConfigurationError);
      expect(() => canonicalBaseUrl(url(given))).not.toThrow(/geheim/);
    }
  });
});

describe("a workspace", () => {
  test.each(["llm-1a2b3c", "ws_1", "a", "x".repeat(128)])("is sent as it is: %s", (id) => {
    expect(checkedWorkspace(workspace(id))).toBe(id);
  });

  test.each(["", "a b", "a\r\nx-evil: 1", "工作区", "x".repeat(129)])(
    "is refused when no header takes it: %j",
    (id) => {
      expect(() => checkedWorkspace(workspace(id))).toThrow(
        /^dashscope:workspace must be the id of a workspace, such as llm-1a2b3c, but is "/,
      );
    },
  );
});
