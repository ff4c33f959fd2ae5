import { expect, test } from "@jest/globals";
import { readConfiguration } from "../../../../provider/src/plugin/server/providerConfig";

const given = { region: "ap-southeast-1", apiKey: "sk-saved" };

test("the default provider uses the stack's current configuration, and not what the last `up` saved", () => {
  const environment = {
    PULUMI_CONFIG: JSON.stringify({ apiKey: "sk-rotated" }),
  };
  const configuration = readConfiguration("default_1_2_3", given, environment);
  expect(configuration.resolveCredential()).toEqual({ key: "sk-rotated", source: "`dashscope:apiKey`" });
  expect(configuration.resolveEndpoint("native").baseUrlSource).toBe("default");
});

test("the default provider uses what Pulumi sends if it's told no current configuration", () => {
  const configuration = readConfiguration("default", given, {});
  expect(configuration.resolveCredential().key).toBe("sk-saved");
});

test("an explicit provider uses its own arguments, also secrets and numbers, and ignores the stack's", () => {
  const environment = { PULUMI_CONFIG: JSON.stringify({ region: "cn-beijing" }) };
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "sk-own" };
  const configuration = readConfiguration(
    "account",
    { apiKey: secret, requestTimeout: 7, maxRetries: "3" },
    environment,
  );
  expect(configuration.resolveCredential()).toEqual({ key: "sk-own", source: "The Provider's `apiKey`" });
  expect(configuration.resolveEndpoint("native").baseUrlSource).toBe("default");
  expect(configuration.resolveClientSettings()).toMatchObject({ requestTimeout: 7, maxRetries: 3 });
});

test.each(["default-account", "defaultAccount", "default_account"])(
  "an explicit provider named %s keeps its own key",
  (name) => {
    const environment = { PULUMI_CONFIG: JSON.stringify({ apiKey: "sk-of-the-stack" }) };
    const configuration = readConfiguration(name, { apiKey: "sk-own" }, environment);
    expect(configuration.resolveCredential().key).toBe("sk-own");
  },
);

test.each(["default", "default_0_1_0", "default_0_1_0_alpha_1", "default_https_//example.com"])(
  "Pulumi's own name %s means the stack's configuration",
  (name) => {
    const environment = { PULUMI_CONFIG: JSON.stringify({ apiKey: "sk-of-the-stack" }) };
    expect(readConfiguration(name, {}, environment).resolveCredential().key).toBe("sk-of-the-stack");
  },
);
