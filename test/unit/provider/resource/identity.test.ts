import { describe, expect, jest, test } from "@jest/globals";
import { RequestError } from "../../../../provider/src/dashscope/errors";
import { computeFingerprint } from "../../../../provider/src/dashscope/fingerprint";
import type { OutcomeName } from "../../../../provider/src/dashscope/outcomes";
import { AccountError } from "../../../../provider/src/resource/errors";
import { callGuarded, type Identity, recordKey } from "../../../../provider/src/resource/identity";
import { type AccountOptions, buildAccount } from "../testAccount";
import { catchError } from "../testServer";

const endpoint = { baseUrl: "https://dashscope.aliyuncs.com/api/v1" };
const fingerprint = (key: string) => computeFingerprint(endpoint.baseUrl, key);
const known: Identity = { ...endpoint, __keys: [fingerprint("sk-own")] };

describe("recordKey", () => {
  test("the fingerprint of a new key is appended, and a known one keeps its place", () => {
    const keys = recordKey(known, endpoint, buildAccount({ key: "sk-2" }));
    expect(keys).toEqual([fingerprint("sk-own"), fingerprint("sk-2")]);
    const state = { ...endpoint, __keys: keys };
    expect(recordKey(state, endpoint, buildAccount())).toEqual(keys);
    expect(recordKey({}, endpoint, buildAccount())).toEqual([fingerprint("sk-own")]);
  });

  test("only the last eight fingerprints are kept", () => {
    let state = known;
    for (let count = 1; count <= 9; count++) {
      state = { ...endpoint, __keys: recordKey(state, endpoint, buildAccount({ key: `sk-${count}` })) };
    }
    expect(state.__keys).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((count) => fingerprint(`sk-${count}`)));
  });

  test("fingerprints of another endpoint aren't kept", () => {
    const state = { baseUrl: "https://old.example", __keys: ["0123456789"] };
    expect(recordKey(state, endpoint, buildAccount())).toEqual([fingerprint("sk-own")]);
  });
});

describe("callGuarded", () => {
  test("the result of a call is returned under any key of the configured endpoint", async () => {
    await expect(guard(known, async () => 7, { key: "sk-other" })).resolves.toBe(7);
  });

  test('"gone" is believed under a key that reached the object', async () => {
    await expect(guard(known, fail("gone"))).resolves.toBeUndefined();
  });

  test('"gone" is believed if no key was ever recorded', async () => {
    await expect(guard({ ...endpoint }, fail("gone"), { key: "sk-other" })).resolves.toBeUndefined();
  });

  test('"gone" under an unknown key is an error that names the key\'s source and the way to confirm', async () => {
    const error = await catchError(guard(known, fail("gone"), { key: "sk-other" }), AccountError);
    expect(error.code).toBe("DASHSCOPE_ERR_ACCOUNT");
    expect(error.message).toMatch(/`DASHSCOPE_API_KEY`.*`DASHSCOPE_CONFIRM_GONE=thread_1`/);
  });

  test('"gone" under an unknown key is believed if `DASHSCOPE_CONFIRM_GONE` names the object', async () => {
    const confirm = (id: string) => ({ key: "sk-other", environment: { DASHSCOPE_CONFIRM_GONE: id } });
    await expect(guard(known, fail("gone"), confirm("thread_1"))).resolves.toBeUndefined();
    await catchError(guard(known, fail("gone"), confirm("thread_2")), AccountError);
  });

  test("any other failure passes through, whatever the key", async () => {
    for (const key of ["sk-own", "sk-other"]) {
      const error = await catchError(guard(known, fail("connection"), { key }), RequestError);
      expect(error.outcome).toBe("connection");
    }
  });

  test("an unknown key that's configured for another endpoint isn't sent", async () => {
    const call = jest.fn(async () => 7);
    const moved = { key: "sk-new", stack: { region: "ap-southeast-1" } };
    await catchError(guard(known, call, moved), AccountError);
    await catchError(guard(known, call, { key: "sk-new", stack: { region: "?" } }), AccountError);
    expect(call).not.toHaveBeenCalled();
    // A known key still reaches the object after the configuration has moved.
    await expect(guard(known, call, { stack: { region: "ap-southeast-1" } })).resolves.toBe(7);
  });
});

function guard<T>(state: Identity, call: () => Promise<T>, options: AccountOptions = {}) {
  const object = { api: "native" as const, noun: "thread", id: "thread_1", state, endpoint };
  return callGuarded(object, buildAccount(options), call);
}

function fail(outcome: OutcomeName): () => Promise<never> {
  const failure = { action: "read thread thread_1", ...endpoint, reason: "HTTP 400" };
  return () => Promise.reject(new RequestError(outcome, failure));
}
