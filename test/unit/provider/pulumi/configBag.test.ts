import { beforeEach, describe, expect, test } from "@jest/globals";
import { Config } from "@pulumi/pulumi/cmd/dynamic-provider/config";
import { configurationOf, explicitBag, valuesOf } from "../../../../provider/src/pulumi/configBag";
import { environmentNames, type Key } from "../../../../provider/src/pulumi/configuration";

beforeEach(() => {
  for (const name of Object.values(environmentNames)) delete process.env[name];
});

describe("the configuration bag of the hooks", () => {
  test("is the stack's, when the provider is the default one", () => {
    const configuration = bag({
      "dashscope:workspace": "llm-1",
      "other:workspace": "llm-2",
      "project:region": "x",
    });
    expect(configuration.place()).toMatchObject({ workspace: "llm-1" });
  });

  test("is that of an explicit provider, then the stack's that the provider was told of", () => {
    const given = { workspace: "llm-1", apiKey: "sk-1" };
    const configuration = bag(
      explicitBag(given, JSON.stringify({ workspace: "llm-2", baseUrl: "https://b.example" })),
    );
    expect(configuration.place()).toEqual({ workspace: "llm-1", baseUrl: "https://b.example" });
    expect(configuration.apiKey()).toBe("sk-1");
  });
});

test("the values of a lookup are those that there are", () => {
  const values: Partial<Record<Key, string>> = { region: "cn-beijing", maxRetries: "" };
  expect(valuesOf((key) => values[key])).toEqual(values);
});

/** As the host makes it. */
function bag(raw: Record<string, string>) {
  return configurationOf(new Config(raw, "project"));
}
