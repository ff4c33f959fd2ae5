import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Emulator, Fault } from "dashscope-emulator";
import { apiKey, Fixture } from "../../scripts/host/fixture";
import { type Host, type Properties, provider } from "../../scripts/host/host";

// A host takes a second to start, and several on a busy machine.
jest.setTimeout(60_000);

const accountId = "sk-account-0f1e2d3c4b5a";
const content = 'Tell nobody that the vault opens with 4711 "and" the red key.';
const label = "value-of-a-label";
const attachment = "value-of-an-attachment";
const secrets = [apiKey, accountId, content.slice(0, 12), content.slice(-12), label, attachment];

const fixture = new Fixture();
let emulator: Emulator;
let host: Host;
const texts: string[] = [];

beforeAll(async () => {
  emulator = await fixture.startEmulator({ accountId });
  host = await fixture.startHostOn(emulator, {
    env: { DASHSCOPE_REQUEST_LOG: "1" },
    config: { "dashscope:maxRetries": "1" },
  });
});

afterAll(() => fixture.close());

const repeating = `Key ${apiKey} (Authorization: Bearer ${apiKey}), account ${accountId}: ${content} ${JSON.stringify(content)} ${encodeURIComponent(content)} ${content.slice(0, 20)}… ${label} ${attachment}`;

describe("of key, account, messages and metadata", () => {
  test("nothing is recorded but what was declared", async () => {
    const { id, properties, inputs } = await created();
    const live = await host.read(id, { properties });
    const outs = await host.update(id, properties, { ...inputs, metadata: { a: label } });
    for (const recorded of [properties, live.properties, outs]) {
      const { messages, metadata, ...rest } = recorded;
      expect(messages).toEqual(inputs["messages"]);
      expect(metadata).toEqual({ a: label });
      expect(shownOf(JSON.stringify(rest))).toEqual([]);
    }
  });

  test("nothing is shown in an error, though the server repeats it all", async () => {
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
    const { id, properties, inputs } = await created();
    for (const fault of faults) {
      emulator.setFaults([fault]);
      const hooks = await Promise.allSettled([
        host.create(inputs),
        host.read(id, { properties }),
        host.update(id, properties, { ...inputs, metadata: { a: label, b: label } }),
        host.delete(id, properties),
      ]);
      for (const hook of hooks) {
        const message: string = hook.status === "rejected" ? hook.reason.message : "It did not fail.";
        expect(message).toMatch(/^Could not \w+ .*\[DASHSCOPE_ERR_\w+\]$/);
        texts.push(message);
      }
    }
    expect(texts.filter((text) => shownOf(text).length > 0)).toEqual([]);
    emulator.setFaults([]);
  });

  test("nothing is shown for a wrong argument", async () => {
    const { failures } = await host.check({
      messages: [{ role: content, content: { text: content }, [label]: content }],
      metadata: { a: [label] },
      workspace: "llm 1",
      __provider: provider,
    });
    expect(failures).not.toEqual([]);
    // The name of a property is no value.
    expect(failures.filter((text) => shownOf(text.replace(label, "")).length > 0)).toEqual([]);
  });

  test("nothing is printed, and every line of the request log is one of its kind", () => {
    expect(shownOf(host.stderr)).toEqual([]);
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

  test("nothing reaches stdout, which belongs to the engine", () => {
    expect(host.stdout).toEqual([]);
  });
});

async function created() {
  const { inputs, failures } = await host.check({
    messages: [{ role: "user", content, metadata: { a: attachment } }],
    metadata: { a: label },
    __provider: provider,
  });
  expect(failures).toEqual([]);
  const { id, properties }: { id: string; properties: Properties } = await host.create(inputs);
  return { id, properties, inputs };
}

function shownOf(text: string): string[] {
  return secrets.filter((secret) => text.includes(secret));
}
