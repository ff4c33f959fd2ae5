import { expect, test } from "@jest/globals";
import { getProviderText, getTypeToken } from "../../../../provider/src/resource/providerText";

test("the names that state files depend on never change", () => {
  expect(getProviderText("Thread")).toBe('exports.handler = () => require("pulumi-dashscope/hooks/thread");');
  expect(getTypeToken("Thread")).toBe("pulumi-nodejs:dynamic/dashscope:Thread");
});
