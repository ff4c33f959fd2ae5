import { describe, expect, test } from "@jest/globals";
import { Configuration } from "../../../../provider/src/config/configuration";
import type { SettingKey } from "../../../../provider/src/config/settings";
import { locate, readEndpoint } from "../../../../provider/src/resource/location";
import { unknown } from "../../../../provider/src/resource/unknown";

const old = { baseUrl: "https://old.example", workspace: "llm-old" };

describe("readEndpoint", () => {
  test.each([
    [
      { baseUrl: "https://a.example", workspace: "llm-1" },
      { baseUrl: "https://a.example", workspace: "llm-1" },
    ],
    [{ baseUrl: "https://a.example", workspace: "" }, { baseUrl: "https://a.example" }],
    [{ baseUrl: "https://a.example", workspace: 7 }, { baseUrl: "https://a.example" }],
    [{ baseUrl: "", workspace: "llm-1" }, undefined],
    [{ baseUrl: 7 }, undefined],
    [{}, undefined],
  ])("the state %j records the endpoint %j", (state, expected) => {
    expect(readEndpoint(state)).toEqual(expected);
  });
});

describe("locate", () => {
  test("a new object is located by the configuration, and nothing moves", () => {
    expect(locate("native", configure({}, { workspace: "llm-1" }), undefined, undefined)).toEqual({
      endpoint: { baseUrl: "https://dashscope.aliyuncs.com/api/v1", workspace: "llm-1" },
    });
  });

  test("an object stays if the environment changes, and a replacement is told where it would go", () => {
    const shell = { DASHSCOPE_HTTP_BASE_URL: "https://new.example" };
    const location = locate("native", configure(shell), old, undefined);
    expect(location.endpoint).toEqual(old);
    expect(location.move).toBeUndefined();
    expect(location.ambient).toMatch(/`DASHSCOPE_HTTP_BASE_URL`.*new\.example.*old\.example/);
  });

  test("a different workspace of the environment is told, too", () => {
    const shell = { DASHSCOPE_API_KEY: "k", DASHSCOPE_WORKSPACE_ID: "llm-new" };
    const location = locate("native", configure(shell, { baseUrl: old.baseUrl }), old, undefined);
    expect(location).toMatchObject({ endpoint: old, ambient: expect.stringContaining("llm-new") });
  });

  test("nothing is told if the environment agrees with the record", () => {
    const shell = {
      DASHSCOPE_API_KEY: "k",
      DASHSCOPE_HTTP_BASE_URL: old.baseUrl,
      DASHSCOPE_WORKSPACE_ID: "llm-old",
    };
    expect(locate("native", configure(shell), old, undefined)).toEqual({ endpoint: old });
  });

  test("a named endpoint moves an object, and the move names the setting and both ends", () => {
    const { endpoint, move } = locate(
      "native",
      configure({}, { baseUrl: "https://new.example", workspace: "llm-new" }),
      old,
      undefined,
    );
    expect(endpoint).toEqual({ baseUrl: "https://new.example", workspace: "llm-new" });
    expect(move).toMatch(/`dashscope:baseUrl` .*old\.example.*new\.example/);
    expect(move).toMatch(/`dashscope:workspace` .*llm-old.*llm-new/);
  });

  test("a host name that begins with an unknown workspace is unknown", () => {
    const region = configure({}, { region: "us-east-1" });
    expect(locate("native", region, undefined, unknown).endpoint).toEqual({
      baseUrl: unknown,
      workspace: unknown,
    });
    expect(locate("native", region, old, unknown).move).toBeUndefined();
  });
});

function configure(environment: NodeJS.ProcessEnv, stack: Partial<Record<SettingKey, string>> = {}) {
  return new Configuration(environment, { stack: (key) => stack[key] });
}
