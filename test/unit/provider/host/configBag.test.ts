import { expect, test } from "@jest/globals";
import { Config } from "@pulumi/pulumi/cmd/dynamic-provider/config";
import { settings } from "../../../../provider/src/config/settings";
import { explicitKey, readConfiguration } from "../../../../provider/src/host/configBag";

const beijing = "https://dashscope.aliyuncs.com/api/v1";

// The bag comes before the environment in every test, and a developer's shell must not add to it.
for (const { environment } of Object.values(settings)) delete process.env[environment];

test("the default provider's bag is the stack configuration", () => {
  const configuration = read({
    "dashscope:workspace": "llm-1",
    "other:workspace": "llm-2",
    "project:region": "x",
  });
  expect(configuration.resolveEndpoint("native")).toMatchObject({
    endpoint: { baseUrl: beijing, workspace: "llm-1" },
    workspaceSource: "stack",
  });
});

test("an explicit provider's bag is its arguments, and an empty one isn't set", () => {
  const configuration = read({
    [explicitKey]: "true",
    "dashscope:workspace": "llm-1",
    "dashscope:baseUrl": "",
  });
  expect(configuration.resolveEndpoint("native")).toMatchObject({
    endpoint: { baseUrl: beijing, workspace: "llm-1" },
    workspaceSource: "provider",
  });
});

test("a provider that an earlier release recorded has the stack configuration that it was told", () => {
  const inherited = JSON.stringify({ workspace: "llm-2", baseUrl: "https://b.example" });
  const configuration = read({ "dashscope:workspace": "llm-1", "dashscope:inherited": inherited });
  expect(configuration.resolveEndpoint("native")).toMatchObject({
    endpoint: { baseUrl: "https://b.example", workspace: "llm-1" },
    baseUrlSource: "stack",
  });
});

/** Reads a bag as the host builds it. */
function read(bag: Record<string, string>) {
  return readConfiguration(new Config(bag, "project"));
}
