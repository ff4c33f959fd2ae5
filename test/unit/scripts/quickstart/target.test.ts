import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { chooseTarget } from "../../../../scripts/quickstart/target";

const { env } = process;

beforeEach(() => {
  process.env = { DASHSCOPE_API_KEY: "sk-test" };
});

afterEach(() => {
  process.env = env;
});

test("with a key, the quickstart says that it talks to DashScope itself", async () => {
  const { description } = await chooseTarget("unused");
  expect(description).toBe("With the key in DASHSCOPE_API_KEY, at DashScope itself.");
});

test("with a key and another endpoint, the quickstart names the endpoint", async () => {
  process.env["DASHSCOPE_HTTP_BASE_URL"] = "https://dashscope-intl.aliyuncs.com/api/v1";
  const { description } = await chooseTarget("unused");
  expect(description).toBe(
    "With the key in DASHSCOPE_API_KEY, at https://dashscope-intl.aliyuncs.com/api/v1.",
  );
});
