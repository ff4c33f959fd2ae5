import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { type Properties, provider } from "./host";
import { apiKey, Opened } from "./opened";

// A host takes a second to start, and several on a busy machine.
jest.setTimeout(60_000);

const opened = new Opened();
const otherKey = "sk-of-the-environment-0123456789";
let emulator: Emulator;

beforeAll(async () => {
  emulator = await opened.emulator({ apiKeys: [apiKey] });
});

beforeEach(() => emulator.clearRequests());

afterAll(() => opened.close());

test("many first creates at once all see the configuration, though the host lets them in before configure has ended", async () => {
  const host = await opened.host({
    config: { "dashscope:baseUrl": emulator.url, "dashscope:apiKey": apiKey },
  });
  const creations = Array.from({ length: 20 }, () => host.create(declared({})));
  expect(await Promise.all(creations)).toHaveLength(20);
  expect(emulator.threads()).toHaveLength(20);
});

describe("the key", () => {
  const config = () => ({ "dashscope:baseUrl": emulator.url, "dashscope:apiKey": otherKey });

  test("of the environment beats the one that was saved with the stack, so that a rotated key works", async () => {
    const host = await opened.host({ env: { DASHSCOPE_API_KEY: apiKey }, config: config() });
    await expect(host.create(declared({}))).resolves.toHaveProperty("id");
  });

  test("may come from a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dashscope-key-"));
    opened.add({ close: async () => rmSync(folder, { recursive: true }) });
    writeFileSync(join(folder, "key"), `${apiKey}\n`);
    const host = await opened.host({
      env: { DASHSCOPE_API_KEY_FILE_PATH: join(folder, "key") },
      config: { "dashscope:baseUrl": emulator.url },
    });
    await expect(host.create(declared({}))).resolves.toHaveProperty("id");
  });

  test("that is missing is told at the first call that needs one, and not before", async () => {
    const host = await opened.host({ config: { "dashscope:baseUrl": emulator.url } });
    const { inputs, failures } = await host.check(declared({ metadata: { a: "1" } }));
    expect(failures).toEqual([]);
    await expect(host.diff("thread_1", inputs, inputs)).resolves.toMatchObject({ changes: "none" });
    await expect(host.create(inputs)).rejects.toThrow(
      "There is no DashScope API key. Set the environment variable DASHSCOPE_API_KEY, or, for a stack, run: pulumi config set --secret dashscope:apiKey [DASHSCOPE_ERR_NO_KEY]",
    );
    expect(emulator.requests()).toEqual([]);
  });

  test("that is wrong is told with what DashScope said and what to do", async () => {
    const host = await opened.host({ config: config() });
    await expect(host.create(declared({}))).rejects.toThrow(
      /^Could not create a thread at \S+: HTTP 401 InvalidApiKey "Invalid API-key provided\." \(request id \S+\)\. Check the key in DASHSCOPE_API_KEY or dashscope:apiKey, .* \[DASHSCOPE_ERR_AUTHENTICATION\]$/,
    );
  });
});

describe("a configuration that cannot be right", () => {
  const wrong: [string, string, RegExp][] = [
    ["requestTimeout", "abc", /dashscope:requestTimeout must be a number of seconds .* but is "abc"\./],
    ["maxConcurrency", "0", /dashscope:maxConcurrency must be a whole number from 1 to 1000, but is "0"\./],
    [
      "baseUrl",
      "http://example.com/api/v1",
      /dashscope:baseUrl must be a URL such as .* "http:\/\/example\.com"\./,
    ],
    ["region", "Beijing", /dashscope:region must be a region such as cn-beijing .* but is "Beijing"\./],
    ["region", "us-east-1", /dashscope:region is "us-east-1", whose address begins with a workspace/],
    ["workspace", "a b", /dashscope:workspace must be the id of a workspace, .* but is "a b"\./],
  ];

  test("is told in one sentence at check, with nothing sent, and again by whoever would send", async () => {
    const host = await opened.host({ env: { DASHSCOPE_API_KEY: apiKey } });
    for (const [key, value, sentence] of wrong) {
      const baseUrl = key === "region" ? {} : { "dashscope:baseUrl": emulator.url };
      const config = { ...baseUrl, [`dashscope:${key}`]: value };
      await host.configure(config);
      // The host configures the hooks once for each text that loads them.
      const text = { __provider: `${provider} // ${key} ${value}` };
      const { failures } = await host.check({ metadata: { a: "1" }, ...text });
      expect(failures).toEqual([expect.stringMatching(sentence)]);
      await expect(host.create(text)).rejects.toThrow(sentence);
    }
    expect(emulator.requests()).toEqual([]);
  });

  test("does not spoil later calls in the same process that are fine", async () => {
    const host = await opened.host({
      env: { DASHSCOPE_API_KEY: apiKey },
      config: { "dashscope:region": "us-east-1" },
    });
    const here = { baseUrl: emulator.url };
    await expect(Promise.all([host.create(declared({})), host.create(declared({}))])).rejects.toThrow(
      /us-east-1/,
    );
    const { id, properties } = await host.create(declared(here));
    await expect(host.read(id, { properties })).resolves.toMatchObject({ id });
    await expect(host.delete(id, properties)).resolves.toBeUndefined();
  });
});

function declared(args: Properties): Properties {
  return { ...args, __provider: provider };
}
