import { describe, expect, test } from "@jest/globals";
import { ConfigurationError, MissingKeyError } from "../../../../provider/src/dashscope/errors";
import { defaultSettings, settingKeys } from "../../../../provider/src/dashscope/settings";
import {
  Configuration,
  environmentNames,
  type Key,
  keys,
} from "../../../../provider/src/pulumi/configuration";

type Values = Partial<Record<Key, string>>;

describe("what is configured", () => {
  test.each(keys)(
    "has an environment variable and a default for %s, and the provider comes before both",
    (key) => {
      const variable = environmentNames[key];
      const value = (number: number) => {
        if (key === "region") return `us-east-${number}`;
        if (key === "baseUrl") return `https://${number}.example`;
        return String(number);
      };
      const seen = (configuration: Configuration) =>
        settingKeys.some((setting) => setting === key)
          ? JSON.stringify(configuration.settings())
          : `${configuration.apiKey()} ${JSON.stringify(configuration.place())}`;
      const rest: Values = { apiKey: "k", ...(key === "region" && { workspace: "ws" }) };
      const of = (environment: NodeJS.ProcessEnv, ofStack: Values, ofProvider: Values) =>
        seen(configured(environment, { ...rest, ...ofStack }, ofProvider));

      expect(of({ [variable]: value(2) }, { [key]: value(3) }, { [key]: value(1) })).toContain(value(1));
      expect(of({ [variable]: value(2) }, { [key]: value(3) }, {})).toContain(value(2));
      expect(of({ [variable]: "" }, { [key]: value(3) }, {})).toContain(value(3));
      expect(of({}, { [key]: value(3) }, {})).toContain(value(3));
    },
  );

  test("has defaults for everything but the key", () => {
    expect(configured({}).place()).toEqual({ baseUrl: "https://dashscope.aliyuncs.com/api/v1" });
    expect(configured({}).settings()).toEqual(defaultSettings);
    expect(() => configured({ DASHSCOPE_API_KEY_FILE_PATH: "/nonexistent" }).apiKey()).toThrow(
      MissingKeyError,
    );
  });
});

describe("the place of a thread", () => {
  test("is what is declared of the thread itself, then what is configured", () => {
    const configuration = configured({}, { workspace: "llm-1", baseUrl: "https://a.example/api/v1" });
    expect(configuration.place()).toEqual({ baseUrl: "https://a.example/api/v1", workspace: "llm-1" });
    expect(configuration.place({ workspace: "llm-2" })).toEqual({
      baseUrl: "https://a.example/api/v1",
      workspace: "llm-2",
    });
    expect(configuration.place({ baseUrl: "https://b.example/" })).toMatchObject({
      baseUrl: "https://b.example",
    });
  });

  test("is the base URL rather than the region", () => {
    expect(configured({}, { baseUrl: "https://a.example", region: "nonsense!" }).place()).toEqual({
      baseUrl: "https://a.example",
    });
  });

  test("in another region is that of the workspace", () => {
    expect(configured({}, { region: "us-east-1" }).place({ workspace: "LLM-2" })).toEqual({
      baseUrl: "https://llm-2.us-east-1.maas.aliyuncs.com/api/v1",
      workspace: "LLM-2",
    });
  });

  test.each<[NodeJS.ProcessEnv, Values, RegExp]>([
    [{ DASHSCOPE_HTTP_BASE_URL: "here" }, {}, /^DASHSCOPE_HTTP_BASE_URL must be a URL/],
    [{}, { baseUrl: "http://example.com" }, /^dashscope:baseUrl must be a URL/],
    [{ DASHSCOPE_API_REGION: "Beijing" }, {}, /^DASHSCOPE_API_REGION must be a region .* but is "Beijing"/],
    [{}, { region: "us-east-1" }, /^dashscope:region is "us-east-1", whose address begins with a workspace/],
    [{ DASHSCOPE_WORKSPACE_ID: "a b" }, {}, /^DASHSCOPE_WORKSPACE_ID must be the id of a workspace/],
  ])("says which setting is wrong: %j %j", (environment, ofStack, message) => {
    expect(() => configured(environment, ofStack).place()).toThrow(ConfigurationError);
    expect(() => configured(environment, ofStack).place()).toThrow(message);
  });
});

describe("the settings", () => {
  test("may be fractions of seconds, but whole counts", () => {
    expect(configured({ DASHSCOPE_REQUEST_TIMEOUT: "0.5" }, { maxRetries: "0" }).settings()).toEqual({
      ...defaultSettings,
      requestTimeout: 0.5,
      maxRetries: 0,
    });
  });

  test.each<[Key, string]>([
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
    ["maxConcurrency", "many"],
  ])("are refused in one sentence that names what was given: %s %j", (key, value) => {
    expect(() => configured({}, { [key]: value }).settings()).toThrow(ConfigurationError);
    expect(() => configured({}, { [key]: value }).settings()).toThrow(`dashscope:${key} must be a`);
    expect(() => configured({}, { [key]: value }).settings()).toThrow(`, but is "${value}".`);
    expect(() => configured({ [environmentNames[key]]: value }).settings()).toThrow(
      new RegExp(`^${environmentNames[key]} must be `),
    );
  });
});

function configured(
  environment: NodeJS.ProcessEnv,
  ofStack: Values = {},
  ofProvider: Values = {},
): Configuration {
  return new Configuration(
    environment,
    (key) => ofStack[key],
    (key) => ofProvider[key],
  );
}
