import { afterAll, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { type Properties, provider } from "../../scripts/host/dynamicHost";
import { apiKey, Fixture } from "../../scripts/host/fixture";

// A host takes a second to start, and longer on a busy machine.
jest.setTimeout(60_000);

const fixture = new Fixture();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await fixture.startEmulator({ apiKeys: [apiKey] });
});

beforeEach(() => emulator.clearRequests());

afterAll(() => fixture.close());

test("parallel first creates all use the configuration, though the host starts them before `configure` ends", async () => {
  const host = await fixture.startHost({
    config: { "dashscope:baseUrl": emulator.url, "dashscope:apiKey": apiKey },
  });
  const creates = Array.from({ length: 20 }, () => host.create(declare({})));
  expect(await Promise.all(creates)).toHaveLength(20);
  expect(emulator.threads()).toHaveLength(20);
});

test("the key of an explicit `Provider` comes before the key of the environment", async () => {
  const host = await fixture.startHost({
    env: { DASHSCOPE_API_KEY: "sk-other" },
    config: {
      "dashscope:baseUrl": emulator.url,
      "dashscope:apiKey": apiKey,
      "dashscope:explicit": "true",
    },
  });
  await expect(host.create(declare({}))).resolves.toHaveProperty("id");
});

test("a missing key fails the first call that sends something, and neither `check` nor `diff`", async () => {
  const host = await fixture.startHost({ config: { "dashscope:baseUrl": emulator.url } });
  const { inputs, failures } = await host.check(declare({ metadata: { a: "1" } }));
  expect(failures).toEqual([]);
  await expect(host.diff("thread_1", inputs, inputs)).resolves.toMatchObject({ changes: "none" });
  await expect(host.create(inputs)).rejects.toThrow(/\[DASHSCOPE_ERR_NO_KEY\]$/);
  expect(emulator.requests()).toEqual([]);
});

test("an error for a rejected key names the source of the key and `--run-program`", async () => {
  const host = await fixture.startHost({
    config: { "dashscope:baseUrl": emulator.url, "dashscope:apiKey": "sk-other" },
  });
  await expect(host.create(declare({}))).rejects.toThrow(
    /the key in `dashscope:apiKey`.*`--run-program`.*\[DASHSCOPE_ERR_AUTHENTICATION\]$/,
  );
});

test.each([
  ["requestTimeout", "abc"],
  ["region", "Beijing"],
])("a wrong `%s` fails `check` and `create` with one sentence, and nothing is sent", async (key, value) => {
  const host = await fixture.startHost({
    env: { DASHSCOPE_API_KEY: apiKey },
    config: { [`dashscope:${key}`]: value },
  });
  const { failures } = await host.check(declare({ metadata: { a: "1" } }));
  const sentence = expect.stringMatching(
    new RegExp(`^\`dashscope:${key}\` must be .*"${value}"\\. \\[DASHSCOPE_ERR_CONFIGURATION\\]$`),
  );
  expect(failures).toEqual([sentence]);
  await expect(host.create(declare({}))).rejects.toMatchObject({ message: sentence });
  expect(emulator.requests()).toEqual([]);
});

function declare(args: Properties): Properties {
  return { ...args, __provider: provider };
}
