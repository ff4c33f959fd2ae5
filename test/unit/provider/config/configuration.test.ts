import { describe, expect, test } from "@jest/globals";
import { findClosestKey } from "../../../../provider/src/config/closest";
import { Configuration } from "../../../../provider/src/config/configuration";
import { parseBoolean, type SettingKey, settings } from "../../../../provider/src/config/settings";
import { ConfigurationError } from "../../../../provider/src/dashscope/errors";

type Values = Partial<Record<SettingKey, string>>;

const beijing = "https://dashscope.aliyuncs.com/api/v1";
const noFile = { DASHSCOPE_API_KEY_FILE_PATH: "/nonexistent" };

describe("the order of sources", () => {
  test.each<[SettingKey, (configuration: Configuration) => unknown, unknown[]]>([
    ["apiKey", (configuration) => configuration.resolveCredential().key, ["sk-1", "sk-2", "sk-3"]],
    [
      "baseUrl",
      (configuration) => configuration.resolveEndpoint("native").endpoint.baseUrl,
      ["https://1.example", "https://2.example", "https://3.example"],
    ],
    [
      "compatibleBaseUrl",
      (configuration) => configuration.resolveEndpoint("compatible").endpoint.baseUrl,
      ["https://1.example", "https://2.example", "https://3.example"],
    ],
    [
      "workspace",
      (configuration) => configuration.resolveEndpoint("native").endpoint.workspace,
      ["llm-1", "llm-2", "llm-3"],
    ],
    ...(
      ["connectTimeout", "requestTimeout", "operationTimeout", "maxRetries", "maxConcurrency"] as const
    ).map((key): [SettingKey, (configuration: Configuration) => unknown, unknown[]] => [
      key,
      (configuration) => configuration.resolveClientSettings()[key],
      [1, 2, 3, settings[key].default],
    ]),
  ])("`%s` comes from the provider, then the stack, then the environment", (key, resolve, expected) => {
    const [first, second, third, fallback] = expected;
    const environment = { [settings[key].environment]: String(third) };
    const set = (value: unknown): Values => ({ [key]: String(value) });
    expect(resolve(configure(environment, set(second), set(first)))).toBe(first);
    expect(resolve(configure(environment, set(second), { [key]: "" }))).toBe(second);
    expect(resolve(configure(environment, { [key]: "" }))).toBe(third);
    if (fallback !== undefined)
      expect(resolve(configure({ [settings[key].environment]: "" }))).toBe(fallback);
  });

  test("`DASHSCOPE_OVERRIDE_API_KEY` comes before everything else", () => {
    const environment = { DASHSCOPE_OVERRIDE_API_KEY: "sk-new", DASHSCOPE_API_KEY: "sk-3" };
    expect(configure(environment, { apiKey: "sk-2" }, { apiKey: "sk-1" }).resolveCredential()).toEqual({
      key: "sk-new",
      source: "`DASHSCOPE_OVERRIDE_API_KEY`",
    });
  });

  test("a credential names its source", () => {
    expect(configure({}, { apiKey: "k" }).resolveCredential().source).toBe("`dashscope:apiKey`");
    expect(configure({}, {}, { apiKey: "k" }).resolveCredential().source).toMatch(/Provider.*`apiKey`/);
    expect(configure({ DASHSCOPE_API_KEY: "k" }).resolveCredential().source).toBe("`DASHSCOPE_API_KEY`");
    expect(() => configure(noFile).resolveCredential()).toThrow(
      expect.objectContaining({ code: "DASHSCOPE_ERR_NO_KEY" }),
    );
  });
});

describe("the endpoint is one setting", () => {
  test.each<[string, NodeJS.ProcessEnv, Values, Values, string]>([
    ["the default region", {}, {}, {}, beijing],
    [
      "the base URL of a source before its region",
      {},
      { baseUrl: "https://a.example", region: "?" },
      {},
      "https://a.example",
    ],
    [
      "the provider's region before the stack's base URL",
      {},
      { baseUrl: "https://a.example" },
      { region: "cn-beijing" },
      beijing,
    ],
    [
      "the stack's region before the environment's base URL",
      { DASHSCOPE_HTTP_BASE_URL: "https://a.example" },
      { region: "cn-beijing" },
      {},
      beijing,
    ],
    [
      "the host of the compatible base URL",
      {},
      { compatibleBaseUrl: "https://a.example/compatible-mode/v1" },
      {},
      "https://a.example/api/v1",
    ],
    [
      "the provider's compatible base URL before the stack's base URL",
      {},
      { baseUrl: "https://b.example" },
      { compatibleBaseUrl: "https://a.example/x" },
      "https://a.example/api/v1",
    ],
  ])("the base URL is %s", (_, environment, stack, provider, expected) => {
    expect(configure(environment, stack, provider).resolveEndpoint("native").endpoint).toEqual({
      baseUrl: expected,
    });
  });

  test("the Conversations API is on the host of `baseUrl` if it has no base URL of its own", () => {
    const configuration = configure(
      { DASHSCOPE_COMPATIBLE_BASE_URL: "https://b.example/v1" },
      { baseUrl: "https://a.example/api/v1" },
    );
    expect(configuration.resolveEndpoint("compatible").endpoint.baseUrl).toBe(
      "https://a.example/compatible-mode/v1",
    );
  });

  test("the resource's workspace is a part of the host name outside the documented regions", () => {
    expect(configure({}, { region: "us-east-1" }).resolveEndpoint("native", "LLM-2").endpoint).toEqual({
      baseUrl: "https://llm-2.us-east-1.maas.aliyuncs.com/api/v1",
      workspace: "LLM-2",
    });
  });

  test.each<[NodeJS.ProcessEnv, Values, string]>([
    [{ DASHSCOPE_HTTP_BASE_URL: "here" }, {}, "`DASHSCOPE_HTTP_BASE_URL`"],
    [{}, { baseUrl: "http://example.com" }, "`dashscope:baseUrl`"],
    [{ DASHSCOPE_API_REGION: "Beijing" }, {}, "`DASHSCOPE_API_REGION`"],
    [{ DASHSCOPE_WORKSPACE_ID: "a b" }, {}, "`DASHSCOPE_WORKSPACE_ID`"],
  ])("an error names the wrong setting: %j %j", (environment, stack, name) => {
    const resolve = () => configure(environment, stack).resolveEndpoint("native");
    expect(resolve).toThrow(ConfigurationError);
    expect(resolve).toThrow(name);
  });
});

describe("the workspace belongs to the key", () => {
  const shell = { DASHSCOPE_API_KEY: "sk-3", DASHSCOPE_WORKSPACE_ID: "llm-3" };

  test.each<[string, NodeJS.ProcessEnv, Values, Values, string | undefined]>([
    ["from the key's source", shell, {}, {}, "llm-3"],
    ["not from the environment for the stack's key", shell, { apiKey: "sk-2" }, {}, undefined],
    ["not from the stack for the provider's key", {}, { workspace: "llm-2" }, { apiKey: "sk-1" }, undefined],
    ["from a source before the key's", shell, { workspace: "llm-2" }, {}, "llm-2"],
    [
      "not from the environment for an override",
      { ...shell, DASHSCOPE_OVERRIDE_API_KEY: "sk-0" },
      {},
      {},
      undefined,
    ],
    [
      "from the stack for an override",
      { ...shell, DASHSCOPE_OVERRIDE_API_KEY: "sk-0" },
      { workspace: "llm-2" },
      {},
      "llm-2",
    ],
    ["from the environment for a key in a file", { DASHSCOPE_WORKSPACE_ID: "llm-3" }, {}, {}, "llm-3"],
  ])("the workspace comes %s", (_, environment, stack, provider, expected) => {
    const { endpoint } = configure(environment, stack, provider).resolveEndpoint("native");
    expect(endpoint.workspace).toBe(expected);
    expect(
      configure(environment, stack, provider).resolveEndpoint("native", "llm-0").endpoint.workspace,
    ).toBe("llm-0");
  });
});

describe("a recorded endpoint", () => {
  const recorded = { baseUrl: "https://old.example", workspace: "llm-old" };
  const shell = {
    DASHSCOPE_API_KEY: "k",
    DASHSCOPE_HTTP_BASE_URL: "https://new.example",
    DASHSCOPE_WORKSPACE_ID: "llm-new",
  };

  test("the environment and the defaults don't move a recorded endpoint", () => {
    expect(configure(shell).resolveEndpoint("native", undefined, recorded).endpoint).toEqual(recorded);
    expect(configure({}).resolveEndpoint("native", "", recorded).endpoint).toEqual(recorded);
  });

  test.each<[Values, Values, string | undefined, object]>([
    [{ baseUrl: "https://new.example" }, {}, undefined, { ...recorded, baseUrl: "https://new.example" }],
    [{}, { region: "cn-beijing" }, undefined, { ...recorded, baseUrl: beijing }],
    [{ workspace: "llm-new" }, {}, undefined, { ...recorded, workspace: "llm-new" }],
    [{}, {}, "llm-new", { ...recorded, workspace: "llm-new" }],
  ])("the stack %j, the provider %j and the argument %j move it", (stack, provider, workspace, expected) => {
    expect(configure({}, stack, provider).resolveEndpoint("native", workspace, recorded).endpoint).toEqual(
      expected,
    );
  });
});

describe("the settings of the client", () => {
  test.each<[SettingKey, string]>([
    ["connectTimeout", "0"],
    ["requestTimeout", "abc"],
    ["requestTimeout", "-1"],
    ["requestTimeout", "NaN"],
    ["requestTimeout", "Infinity"],
    ["requestTimeout", "1e9"],
    ["requestTimeout", " "],
    ["operationTimeout", "5 s"],
    ["maxRetries", "1.5"],
    ["maxRetries", "-1"],
    ["maxRetries", "1001"],
    ["maxConcurrency", "0"],
  ])("`%s` can't be %j, and the error names what was given", (key, value) => {
    const resolve = () => configure({}, { [key]: value }).resolveClientSettings();
    expect(resolve).toThrow(ConfigurationError);
    expect(resolve).toThrow(`\`dashscope:${key}\` must be`);
    expect(resolve).toThrow(JSON.stringify(value));
  });

  test("seconds may be fractions, and no retry is a valid count", () => {
    expect(
      configure({ DASHSCOPE_REQUEST_TIMEOUT: "0.5" }, { maxRetries: "0" }).resolveClientSettings(),
    ).toMatchObject({
      requestTimeout: 0.5,
      maxRetries: 0,
    });
  });
});

test("`DASHSCOPE_CONFIRM_GONE` confirms exactly the IDs that it lists", () => {
  const configuration = configure({ DASHSCOPE_CONFIRM_GONE: "thread_1, thread_2 thread_3" });
  expect(["thread_1", "thread_2", "thread_3"].every((id) => configuration.confirmsGone(id))).toBe(true);
  expect(["thread_", "thread_11", "1"].some((id) => configuration.confirmsGone(id))).toBe(false);
  expect(configure({}).confirmsGone("thread_1")).toBe(false);
});

test("an unknown key has a closest setting, whatever its case", () => {
  expect(findClosestKey("baseurl")).toBe("baseUrl");
  expect(findClosestKey("apikey")).toBe("apiKey");
  expect(findClosestKey("workspaceId")).toBe("workspace");
});

test("a boolean setting is on for 1, true and yes in any case", () => {
  expect(["1", "true", "YES", " True "].map(parseBoolean)).toEqual([true, true, true, true]);
  expect(["0", "false", "", "on", undefined].map(parseBoolean)).toEqual([false, false, false, false, false]);
});

function configure(environment: NodeJS.ProcessEnv, stack: Values = {}, provider: Values = {}): Configuration {
  return new Configuration(environment, { provider: (key) => provider[key], stack: (key) => stack[key] });
}
