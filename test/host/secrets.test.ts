import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Emulator, Fault } from "dashscope-emulator";
import { type Host, type Properties, provider } from "../../scripts/host/dynamicHost";
import { apiKey, Fixture } from "../../scripts/host/fixture";

// A host takes a second to start, and longer on a busy machine.
jest.setTimeout(60_000);

const accountId = "sk-account-0f1e2d3c4b5a";
const content = 'Tell nobody that the vault opens with 4711 "and" the red key.';
const label = "value-of-a-label";
const attachment = "value-of-an-attachment";
const secrets = [apiKey, accountId, content.slice(0, 12), content.slice(-12), label, attachment];

const fixture = new Fixture();
let emulator: Emulator;
let host: Host;

beforeAll(async () => {
  emulator = await fixture.startEmulator({ accountId });
  host = await fixture.startHostOn(emulator, {
    env: { DASHSCOPE_REQUEST_LOG: "1" },
    config: { "dashscope:maxRetries": "1" },
  });
});

afterAll(() => fixture.close());

const repeating = `Key ${apiKey} (Authorization: Bearer ${apiKey}), account ${accountId}: ${content} ${JSON.stringify(content)} ${encodeURIComponent(content)} ${content.slice(0, 20)}… ${label} ${attachment}`;

describe("the key, the account, messages and metadata", () => {
  test("the state contains no secret except in the arguments that declare it", async () => {
    const { id, properties, inputs } = await createThread();
    const live = await host.read(id, { properties });
    const outs = await host.update(id, properties, { ...inputs, metadata: { a: label } });
    for (const recorded of [properties, live.properties, outs]) {
      const { messages, metadata, ...rest } = recorded;
      expect(messages).toEqual(inputs["messages"]);
      expect(metadata).toEqual({ a: label });
      expect(findSecrets(JSON.stringify(rest))).toEqual([]);
    }
  });

  test("an error shows no secret, also if the server repeats all of them", async () => {
    const faults: Fault[] = [
      { kind: "error", status: 400, code: "InvalidParameter", message: repeating },
      { kind: "error", status: 401, code: "InvalidApiKey", message: repeating },
      { kind: "error", status: 500, code: apiKey, message: repeating },
      { kind: "error", status: 400, code: repeating, message: "" },
      { kind: "body", status: 502, body: repeating, headers: { "x-request-id": apiKey } },
      { kind: "body", status: 200, body: repeating },
      { kind: "body", status: 200, body: JSON.stringify({ id: repeating, request_id: apiKey }) },
      { kind: "body", status: 302, body: "", headers: { location: `https://example.com/?${apiKey}` } },
    ];
    const { id, properties, inputs } = await createThread();
    for (const fault of faults) {
      emulator.setFaults([fault]);
      const hooks = await Promise.allSettled([
        host.create(inputs),
        host.read(id, { properties }),
        host.update(id, properties, { ...inputs, metadata: { a: label, b: label } }),
        host.delete(id, properties),
      ]);
      for (const hook of hooks) {
        const message: string = hook.status === "rejected" ? hook.reason.message : "It didn't fail.";
        expect(message).toMatch(/^Could not \w+ .*\[DASHSCOPE_ERR_\w+\]$/);
        expect(findSecrets(message)).toEqual([]);
      }
    }
    emulator.setFaults([]);
  });

  test("the error for a wrong argument shows no secret", async () => {
    const { failures } = await host.check({
      messages: [{ role: content, content: { text: content }, [label]: content }],
      metadata: { a: [label] },
      workspace: "llm 1",
      __provider: provider,
    });
    expect(failures).not.toEqual([]);
    // The error names the property.
    expect(failures.filter((text) => findSecrets(text.replace(label, "")).length > 0)).toEqual([]);
  });

  test("standard error contains no secret, and each line is an entry of the request log", () => {
    expect(findSecrets(host.stderr)).toEqual([]);
    const lines = host.stderr.trim().split("\n");
    const requests = lines.filter((line) => line.startsWith("dashscope: "));
    expect(requests.length).toBe(emulator.requests().length);
    for (const line of requests) {
      expect(line).toMatch(
        /^dashscope: (GET|POST|DELETE) \/api\/v1\/threads(\/thread_[\w-]+)? (\d{3}|-) .* request id [\w.-]+, attempt \d+, \d+ ms$/,
      );
    }
    expect(lines.filter((line) => !requests.includes(line))).toEqual([]);
  });

  test("standard output, which the engine reads, stays empty", () => {
    expect(host.stdout).toEqual([]);
  });
});

async function createThread() {
  const { inputs, failures } = await host.check({
    messages: [{ role: "user", content, metadata: { a: attachment } }],
    metadata: { a: label },
    __provider: provider,
  });
  expect(failures).toEqual([]);
  const { id, properties }: { id: string; properties: Properties } = await host.create(inputs);
  return { id, properties, inputs };
}

function findSecrets(text: string): string[] {
  return secrets.filter((secret) => text.includes(secret));
}
