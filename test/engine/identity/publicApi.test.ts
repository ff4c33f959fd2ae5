import { beforeAll, describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { type Emulator, startEmulator } from "dashscope-emulator";
import { getThread, getThreadOutput, Provider, Thread } from "pulumi-dashscope";
import { describeEngine, newStack } from "../setup";
import { silent } from "./account";

const type = "pulumi-nodejs:dynamic/dashscope:Thread";
const answer = { id: "thread_1", metadata: { env: "dev" }, baseUrl: "https://mock.example/api/v1" };
class Other extends pulumi.ProviderResource {
  constructor(name: string) {
    super("other", name);
  }
}

const calls: pulumi.runtime.MockCallArgs[] = [];

describeEngine("the error of a lookup", () => {
  test("carries the code, and the status and the request ID of an answer", async () => {
    const errors: unknown[] = [];
    const stack = await newStack({ env: silent }, async () => {
      const provider = new Provider("account", { apiKey: "sk-dead", baseUrl: stack.emulator.url });
      const id = "thread_of-nobody";
      errors.push(await getThread({ id }).catch((error: unknown) => error));
      errors.push(await getThread({ id }, { provider }).catch((error: unknown) => error));
    });
    await stack.preview();
    const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(errors).toMatchObject([
      { code: "DASHSCOPE_ERR_MISSING", status: 400, requestId },
      { code: "DASHSCOPE_ERR_AUTHENTICATION", status: 401, requestId },
    ]);
  });
});

describe("a program under `setMocks`", () => {
  beforeAll(() =>
    pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
      call: (args) => {
        calls.push(args);
        return answer;
      },
    }),
  );

  test("lookups call the mocks with `dashscope:index:getThread`, and never the network", async () => {
    const emulator: Emulator = await startEmulator();
    process.env["DASHSCOPE_HTTP_BASE_URL"] = emulator.url;
    process.env["DASHSCOPE_API_KEY"] = "secret-value";
    try {
      expect(await getThread({ id: "thread_1" })).toMatchObject(answer);
      const metadata = await new Promise((resolve) => {
        getThreadOutput({ id: pulumi.output("thread_1"), workspace: "ws-one" }).metadata.apply(resolve);
      });
      expect(metadata).toEqual(answer.metadata);
      expect(calls).toMatchObject([
        { token: "dashscope:index:getThread", inputs: { id: "thread_1" } },
        { token: "dashscope:index:getThread", inputs: { id: "thread_1", workspace: "ws-one" } },
      ]);
      expect(emulator.requests()).toEqual([]);
    } finally {
      delete process.env["DASHSCOPE_HTTP_BASE_URL"];
      delete process.env["DASHSCOPE_API_KEY"];
      await emulator.close();
    }
  });

  test("a policy pack recognizes a thread by the type of the class", () => {
    expect(Reflect.get(Thread, "__pulumiType")).toBe(type);
    expect(Thread.isInstance({ __pulumiType: type })).toBe(true);
    expect(Thread.isInstance({ __pulumiType: "random:index:RandomId" })).toBe(false);
    expect(Thread.isInstance(undefined)).toBe(false);
  });

  test("`Provider.isInstance` tells a `Provider` from other providers", () => {
    expect(Provider.isInstance(new Provider("account"))).toBe(true);
    expect(Provider.isInstance(new Other("other"))).toBe(false);
    expect(Provider.isInstance(undefined)).toBe(false);
  });

  test("`createdAt` can be undefined in the types", () => {
    const thread = new Thread("support");
    type Value<T> = T extends pulumi.Output<infer U> ? U : never;
    const unset: undefined extends Value<typeof thread.createdAt> ? true : false = true;
    expect(unset).toBe(true);
  });
});
