import { afterEach, expect, test } from "@jest/globals";
import { chooseTarget } from "../../../../scripts/quickstart/target";

const { env } = process;

afterEach(() => {
  process.env = env;
});

test.each([
  [{}, "DashScope"],
  [{ DASHSCOPE_HTTP_BASE_URL: "https://example.com/api/v1" }, "https://example.com/api/v1"],
])("with an API key and %j, the quickstart says that it uses %s", async (variables, endpoint) => {
  process.env = { DASHSCOPE_API_KEY: "secret-value", ...variables };
  const { stack, description } = await chooseTarget("unused");
  expect([stack, description]).toEqual([
    "dashscope",
    `Using ${endpoint} with the key in \`DASHSCOPE_API_KEY\`.`,
  ]);
});
