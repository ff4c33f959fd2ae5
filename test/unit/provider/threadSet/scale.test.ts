import { expect, test } from "@jest/globals";
import type { Call } from "../../../../provider/src/dashscope/client";
import { RequestError } from "../../../../provider/src/dashscope/errors";
import type { Endpoint } from "../../../../provider/src/dashscope/url";
import { IncompleteError } from "../../../../provider/src/resource/errors";
import { threadSetLifecycle } from "../../../../provider/src/threadSet/lifecycle";
import type { ThreadSetInputs, ThreadSetState } from "../../../../provider/src/threadSet/schema";
import { buildAccount, FakeClient, MemoryClaims } from "../fakeAccount";

const size = 10_000;

/** A DashScope in memory that doesn't answer the next write of one member. */
class FaultyClient extends FakeClient {
  isFaulty = false;

  override async perform<T>(call: Call<T>, endpoint: Endpoint): Promise<T> {
    const result = await super.perform(call, endpoint);
    if (!this.isFaulty || !JSON.stringify(call.body ?? "").includes("tenant-5000")) return result;
    this.isFaulty = false;
    const failure = { action: call.action, baseUrl: endpoint.baseUrl, reason: "the answer was lost" };
    throw new RequestError("connection", failure);
  }

  /** Returns how many requests of each kind were sent since the last time. */
  takeCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const request of this.requests) {
      const kind = request.replace(/thread_.*/, "{id}");
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    this.calls.length = 0;
    return counts;
  }
}

test("10,000 members cost one request each, and one that failed costs no other a request", async () => {
  const client = new FaultyClient();
  const account = buildAccount({ client, claims: new MemoryClaims() });
  let olds: Partial<ThreadSetInputs> = {};
  const check = async (plan: string) => {
    const threads = Object.fromEntries(
      Array.from({ length: size }, (_, at) => [`tenant-${at}`, { metadata: { name: `tenant-${at}`, plan } }]),
    );
    const { inputs = {}, problems } = await threadSetLifecycle.check(olds, { threads }, account);
    expect(problems).toEqual([]);
    olds = inputs;
    return inputs;
  };
  const silver = await check("silver");
  const { id, state } = await threadSetLifecycle.create(silver, account);
  expect(client.takeCounts()).toEqual({ "POST threads": size });
  expect(threadSetLifecycle.diff(id, state, await check("silver"), account).changed).toBe(false);
  expect(client.takeCounts()).toEqual({});

  const gold = await check("gold");
  expect(threadSetLifecycle.diff(id, state, gold, account).changed).toBe(true);
  client.isFaulty = true;
  const error: unknown = await threadSetLifecycle.update(id, state, gold, account).catch((thrown) => thrown);
  if (!(error instanceof IncompleteError)) throw new Error("The update didn't fail for one member.");
  expect(client.takeCounts()).toEqual({ "POST threads/{id}": size });

  const unfinished: ThreadSetState = error.state;
  const complete = await threadSetLifecycle.update(id, unfinished, gold, account);
  expect(client.takeCounts()).toEqual({ "GET threads/{id}": 1 });

  const live = await threadSetLifecycle.read(id, complete, account);
  expect(client.takeCounts()).toEqual({ "GET threads/{id}": size });
  expect(live?.inputs).toEqual(gold);

  await threadSetLifecycle.delete(id, complete, account);
  expect(client.takeCounts()).toEqual({ "DELETE threads/{id}": size });
  expect(client.threads.size).toBe(0);
});
