import { describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Provider } from "../../../../provider/src/program/provider";
import { readOutput, runProgram } from "./runProgram";

class OtherProvider extends pulumi.ProviderResource {}

describe("Provider", () => {
  test("a provider's arguments are strings in a namespace, the key is a secret, and nothing is an empty string", async () => {
    const { resources } = await runProgram(
      { "dashscope:workspace": "llm-of-the-stack", "other:a": "b" },
      () => {
        new Provider("account", {
          apiKey: "sk-1",
          maxRetries: pulumi.output(3),
          region: undefined,
          workspace: pulumi.output(JSON.parse("null")),
          baseUrl: pulumi.output(JSON.parse("{}")).apply((all) => all.missing),
        });
      },
    );
    const { type, inputs } = resources.find(({ name }) => name === "account") ?? {};
    expect(type).toBe("pulumi:providers:pulumi-nodejs");
    expect(inputs).toEqual({
      "dashscope:apiKey": expect.anything(),
      "dashscope:maxRetries": "3",
      "dashscope:workspace": "",
      "dashscope:baseUrl": "",
      "dashscope:explicit": "true",
    });
  });

  test("the key of a provider is secret, also if the program passes it in plaintext", async () => {
    await runProgram({}, async () => {
      const provider = new Provider("account", { apiKey: "sk-1" });
      expect(await readOutput(provider.given)).toEqual({ value: { apiKey: "sk-1" }, isSecret: true });
    });
  });

  test("`inheritConfig` passes the configuration of other packages on, as secrets", async () => {
    const { resources } = await runProgram({ "dashscope:workspace": "llm-2", "other:a": "b" }, () => {
      new Provider("account", { inheritConfig: true });
    });
    const { inputs } = resources.find(({ name }) => name === "account") ?? {};
    expect(Object.keys(inputs ?? {}).sort()).toEqual(["dashscope:explicit", "other:a"]);
  });

  test("an unknown argument is an error that names it", async () => {
    const args = { region: "cn-beijing", baseurl: "https://a.example" };
    const { error } = await runProgram({}, () => void new Provider("account", args));
    expect(error).toHaveProperty("message", expect.stringMatching(/`baseurl`.*DASHSCOPE_ERR_CONFIGURATION/));
  });

  test("`isInstance` tells a provider of this package from others", async () => {
    await runProgram({}, () => {
      expect(Provider.isInstance(new Provider("account", {}))).toBe(true);
      expect(Provider.isInstance(new OtherProvider("random", "other", {}))).toBe(false);
      expect(Provider.isInstance(undefined)).toBe(false);
    });
  });
});
