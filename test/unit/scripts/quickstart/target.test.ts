import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { chooseTarget } from "../../../../scripts/quickstart/target";

const { env } = process;

beforeEach(() => {
  process.env = { DASHSCOPE_API_KEY: "sk-test" };
});

afterEach(() => {
  process.env = env;
});

test("the quickstart uses DashScope if an API key is set", async () => {
  const { stack, description } = await chooseTarget("unused");
  expect([stack, description]).toEqual(["dashscope", "Using DashScope with the key in `DASHSCOPE_API_KEY`."]);
});

test("the quickstart names the base URL if one is set", async () => {
  process.env["DASHSCOPE_HTTP_BASE_URL"] = "https://dashscope-intl.aliyuncs.com/api/v1";
  const { description } = await chooseTarget("unused");
  expect(description).toBe(
    "Using https://dashscope-intl.aliyuncs.com/api/v1 with the key in `DASHSCOPE_API_KEY`.",
  );
});
