import { describe, expect, test } from "@jest/globals";
import { ActiveFaults } from "../../../emulator/src/activeFaults";
import type { Emulator, Fault } from "../../../emulator/src/index";
import { type Verb, verbs } from "../../../emulator/src/verbs";
import { call, create, emulator } from "./requests";

const broken: Fault = { kind: "error", status: 503 };

async function statuses(target: Emulator, count: number): Promise<number[]> {
  const answers: number[] = [];
  for (let index = 0; index < count; index++) answers.push((await call(target, "POST", "/threads")).status);
  return answers;
}

describe("a fault", () => {
  test("a fault applies to every call until it is cleared", async () => {
    const target = await emulator({ faults: [broken] });
    expect(await statuses(target, 3)).toEqual([503, 503, 503]);
    expect(await call(target, "GET", "/threads/x/messages")).toMatchObject({ status: 503 });
    target.setFaults([]);
    expect(await statuses(target, 1)).toEqual([200]);
  });

  test("a fault applies as often as its `times` says", async () => {
    const target = await emulator({ faults: [{ ...broken, times: 2 }] });
    expect(await statuses(target, 4)).toEqual([503, 503, 200, 200]);
  });

  test("a fault applies to the call that it names and to no other", async () => {
    const target = await emulator();
    const thread = `/threads/${await create(target, {
      messages: [{ role: "user", content: "x", file_ids: ["file_1"] }],
    })}`;
    const message = `${thread}/messages/${target.threads()[0]?.messages[0]?.id}`;
    const compatible = { ...target, url: target.compatibleUrl };
    const items = [{ type: "message", role: "user", content: "x" }];
    const { body } = await call(compatible, "POST", "/conversations", { body: { items } });
    const conversation = `/conversations/${body["id"]}`;
    const item = `${conversation}/items/${target.conversations()[0]?.items[0]?.id}`;
    const calls: [Verb, string, string, unknown?][] = [
      ["create", "POST", "/threads"],
      ["retrieve", "GET", thread],
      ["update", "POST", thread],
      ["createMessage", "POST", `${thread}/messages`, { content: "x" }],
      ["listMessages", "GET", `${thread}/messages`],
      ["retrieveMessage", "GET", message],
      ["updateMessage", "POST", message],
      ["listMessageFiles", "GET", `${message}/files`],
      ["retrieveMessageFile", "GET", `${message}/files/file_1`],
      ["delete", "DELETE", thread],
      ["createConversation", "POST", "/conversations"],
      ["retrieveConversation", "GET", conversation],
      ["updateConversation", "POST", conversation, { metadata: {} }],
      ["createItems", "POST", `${conversation}/items`, { items }],
      ["listItems", "GET", `${conversation}/items`],
      ["retrieveItem", "GET", item],
      ["deleteItem", "DELETE", item],
      ["deleteConversation", "DELETE", conversation],
    ];
    expect(calls.map(([verb]) => verb).sort()).toEqual([...verbs].sort());
    for (const [verb, method, path, body] of calls) {
      const send = () => call(path.startsWith("/threads") ? target : compatible, method, path, { body });
      target.setFaults([{ ...broken, verb }]);
      expect([verb, (await send()).status]).toEqual([verb, 503]);
      target.setFaults(verbs.filter((other) => other !== verb).map((other) => ({ ...broken, verb: other })));
      expect([verb, (await send()).status]).toEqual([verb, 200]);
      expect(target.requests().at(-1)?.verb).toBe(verb);
    }
  });

  test("equal seeds make a fault with a probability apply to equal requests", () => {
    const run = (seed: number) => {
      const faults = new ActiveFaults([{ ...broken, probability: 0.5 }], seed);
      return Array.from({ length: 40 }, () => faults.take("create") !== undefined);
    };
    expect(run(1)).toEqual(run(1));
    expect(run(2)).not.toEqual(run(1));
    const struck = run(1).filter(Boolean).length;
    expect(struck).toBeGreaterThan(10);
    expect(struck).toBeLessThan(30);
  });

  test("a fault with a probability counts only the requests that it applies to", () => {
    const faults = new ActiveFaults([{ ...broken, probability: 0.5, times: 3 }], 1);
    const met = Array.from({ length: 40 }, () => faults.take("create"));
    expect(met.filter((fault) => fault !== undefined)).toHaveLength(3);
  });

  test("the next fault of the list applies after the first has ended", async () => {
    const target = await emulator({
      faults: [
        { kind: "error", status: 500, times: 1 },
        { kind: "error", status: 502, times: 1 },
      ],
    });
    expect(await statuses(target, 3)).toEqual([500, 502, 200]);
  });

  test("the emulator doesn't change the fault objects of its caller", async () => {
    const fault: Fault = { ...broken, times: 1 };
    const target = await emulator({ faults: [fault] });
    await statuses(target, 1);
    expect(fault.times).toBe(1);
    target.setFaults([fault]);
    expect(await statuses(target, 2)).toEqual([503, 200]);
  });
});

describe("/_emulator/faults", () => {
  const send = async (target: Emulator, method: string, body?: string) => {
    const response = await fetch(`${target.origin}/_emulator/faults`, {
      method,
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: await response.json() };
  };

  test("`/_emulator/faults` puts, gets with what is left, and deletes faults", async () => {
    const target = await emulator();
    const faults = [{ kind: "error", status: 503, verb: "create", times: 2 }, { kind: "truncate" }];
    expect(await send(target, "PUT", JSON.stringify(faults))).toEqual({ status: 200, body: faults });
    expect(await statuses(target, 1)).toEqual([503]);
    expect(await send(target, "GET")).toEqual({ status: 200, body: [{ ...faults[0], times: 1 }, faults[1]] });
    expect(await statuses(target, 1)).toEqual([503]);
    expect(await send(target, "GET")).toEqual({ status: 200, body: [faults[1]] });
    expect(await send(target, "DELETE")).toEqual({ status: 200, body: [] });
    expect(await statuses(target, 1)).toEqual([200]);
  });

  test("`/_emulator/faults` meets no fault itself", async () => {
    const target = await emulator({ faults: [{ kind: "dropBefore" }] });
    expect(await send(target, "GET")).toMatchObject({ status: 200 });
  });

  test.each([
    ["{", "The request body is not valid JSON"],
    ["", "`faults` must"],
    ['{"kind":"hang"}', "`faults` must"],
    ["[7]", "`faults[0]` must"],
    ["[null]", "`faults[0]` must"],
    ['[{"kind":"hang"},{"kind":"hung"}]', "`faults[1].kind` must be one of error, delay, idleClose, "],
    ["[{}]", "`faults[0].kind` must"],
    ['[{"kind":"error"}]', "`faults[0].status` must"],
    ['[{"kind":"html","status":100}]', "`faults[0].status` must"],
    ['[{"kind":"html","status":600}]', "`faults[0].status` must"],
    ['[{"kind":"delay","ms":-1}]', "`faults[0].ms` must"],
    ['[{"kind":"hang","work":"yes"}]', "`faults[0].work` must"],
    ['[{"kind":"hang","times":0}]', "`faults[0].times` must"],
    ['[{"kind":"hang","times":1.5}]', "`faults[0].times` must"],
    ['[{"kind":"hang","probability":2}]', "`faults[0].probability` must"],
    ['[{"kind":"hang","verb":"list"}]', "`faults[0].verb` must be one of create, retrieve, "],
    ['[{"kind":"hang","ms":1}]', "`faults[0]` has an unknown field `ms`."],
    ['[{"kind":"body","status":200,"body":{}}]', "`faults[0].body` must"],
    ['[{"kind":"body","status":200,"body":"","headers":{"a b":"c"}}]', "`faults[0].headers` must"],
    ['[{"kind":"error","status":429,"retryAfter":"1\\n2"}]', "`faults[0].retryAfter` must"],
  ])("`/_emulator/faults` refuses %s, names the field in %j, and keeps the faults", async (body, message) => {
    const target = await emulator({ faults: [broken] });
    const answer = await send(target, "PUT", body);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: "InvalidParameter", message: expect.stringContaining(message) },
    });
    expect(answer.body).toMatchSnapshot({ request_id: expect.any(String) });
    expect(await send(target, "GET")).toEqual({ status: 200, body: [broken] });
  });
});

test("`startEmulator` and `setFaults` refuse a wrong fault in the same words", async () => {
  const wrong: Fault = { kind: "delay", ms: Number.NaN };
  const sentence = "`faults[0].ms` must be a number of milliseconds.";
  await expect(emulator({ faults: [wrong] })).rejects.toThrow(sentence);
  const target = await emulator();
  expect(() => target.setFaults([wrong])).toThrow(sentence);
});
