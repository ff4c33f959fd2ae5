import { beforeEach, describe, expect, test } from "@jest/globals";
import { Config } from "@pulumi/pulumi/cmd/dynamic-provider/config";
import fc from "fast-check";

import { environmentNames } from "../../../../../provider/src/pulumi/configuration";

import hooks = require("../../../../../provider/src/pulumi/hooks/thread");

import { threadProviderText } from "../../../../../provider/src/pulumi/providerText";
import { unknown } from "../../../../../provider/src/pulumi/unknown";

const baseUrl = "https://dashscope.aliyuncs.com/api/v1";

beforeEach(() => {
  for (const name of Object.values(environmentNames)) delete process.env[name];
  return configured({});
});

describe("check", () => {
  test("puts the thread where the configuration says, and keeps the text that loads the hooks", async () => {
    await configured({ "dashscope:workspace": "llm-1" });
    expect(await checked({ metadata: { a: "1" } })).toEqual({
      inputs: { metadata: { a: "1" }, baseUrl, workspace: "llm-1", __provider: threadProviderText },
    });
  });

  test("clears metadata that is declared no longer", async () => {
    expect(await checked({}, { metadata: { a: "1" } })).toMatchObject({ inputs: { metadata: {} } });
  });

  test("needs no key", async () => {
    expect(await checked({})).toHaveProperty("inputs");
  });

  test("says one sentence for each wrong argument, and names no property, of which the engine would print the value", async () => {
    expect(await checked({ metadata: { a: 1 }, color: "red" })).toEqual({
      failures: [
        { property: "", reason: "metadata.a must be a string, but is a number." },
        {
          property: "",
          reason:
            "color is not an argument of a Thread, which has messages, metadata, workspace and adoptId.",
        },
      ],
    });
  });

  test("says what is wrong with the configuration, too", async () => {
    await configured({ "dashscope:requestTimeout": "abc" });
    expect(await checked({ metadata: 1 })).toEqual({
      failures: [
        { property: "", reason: expect.stringMatching(/^metadata must be a map/) },
        {
          property: "",
          reason: expect.stringMatching(
            /^dashscope:requestTimeout must be a number of seconds .*"abc"\. \[DASHSCOPE_ERR_CONFIGURATION\]$/,
          ),
        },
      ],
    });
    await configured({ "dashscope:region": "Beijing" });
    expect(await checked({})).toEqual({
      failures: [{ property: "", reason: expect.stringMatching(/^dashscope:region must be a region/) }],
    });
  });

  test.each([
    { metadata: unknown },
    { metadata: { a: unknown } },
    { messages: unknown },
    { messages: [unknown] },
    { messages: [{ role: unknown, content: unknown, fileIds: unknown, metadata: unknown }] },
    { messages: [{ role: "user", content: "x", fileIds: [unknown], metadata: { a: unknown } }] },
    { workspace: unknown },
    { adoptId: unknown },
    { adoptId: unknown, messages: [{ role: "user", content: "x" }] },
    { adoptId: "thread_1", messages: unknown },
  ])("lets pass what is not known yet, as it is: %j", async (news) => {
    expect(await checked(news)).toMatchObject({ inputs: news });
  });

  test("still says what is wrong beside what is not known yet", async () => {
    expect(await checked({ metadata: unknown, workspace: 7 })).toEqual({
      failures: [{ property: "", reason: "workspace must be a string, but is a number." }],
    });
  });

  test("does not know the address that begins with a workspace which it does not know", async () => {
    await configured({ "dashscope:region": "us-east-1" });
    expect(await checked({ workspace: unknown })).toMatchObject({ inputs: { baseUrl: unknown } });
  });

  test("answers with inputs or with sentences, whatever it is given", async () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(unknown, null, "", "user", "x", 5, true),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("role", "content", "fileIds", "metadata", "other"), tie("any")),
      ),
    })).any;
    const names = fc.constantFrom("messages", "metadata", "workspace", "adoptId", "baseUrl", "other");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, value), fc.dictionary(names, value), async (news, olds) => {
        const { inputs, failures = [] } = await checked(news, olds);
        expect(inputs === undefined).toBe(failures.length > 0);
        for (const { reason } of failures)
          expect(reason).toMatch(/^\S+ .*\.( \[DASHSCOPE_ERR_CONFIGURATION\])?$/);
      }),
    );
  });
});

describe("diff", () => {
  const state = { baseUrl, metadata: { a: "1" }, __provider: threadProviderText };

  test("says no when nothing differs", async () => {
    expect(await hooks.diff?.("thread_1", state, { ...state })).toEqual({ changes: false });
  });

  test("leaves it to the engine to say what differs, and names what needs another thread", async () => {
    const news = { ...state, metadata: {} };
    expect(await hooks.diff?.("thread_1", state, news)).toEqual({ replaces: [] });
    expect(await hooks.diff?.("thread_1", state, { ...news, workspace: "llm-1" })).toEqual({
      replaces: ["workspace"],
    });
  });
});

async function configured(raw: Record<string, string>): Promise<void> {
  await hooks.configure?.({ config: new Config(raw, "project") });
}

async function checked(news: object, olds: object = {}) {
  const check = hooks.check?.bind(hooks);
  if (check === undefined) throw new Error("There is no check.");
  return check(Object.assign({ __provider: threadProviderText }, olds), {
    ...news,
    __provider: threadProviderText,
  });
}
