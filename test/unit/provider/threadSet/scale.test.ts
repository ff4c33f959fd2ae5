import { expect, test } from "@jest/globals";
import { threadSetLifecycle } from "../../../../provider/src/threadSet/lifecycle";
import { FakeDashScope } from "../fakeDashScope";
import { Stack } from "../stack";
import { buildAccount } from "../testAccount";

const size = 10_000;

/** Counts the requests of each kind, and forgets them. */
function takeCounts(client: FakeDashScope): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const request of client.requests) {
    const kind = request.replace(/thread_.*/, "{id}");
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  client.calls.length = 0;
  return counts;
}

function declare(plan: string) {
  return {
    threads: Object.fromEntries(
      Array.from({ length: size }, (_, at) => [`tenant-${at}`, { metadata: { name: `tenant-${at}`, plan } }]),
    ),
  };
}

test("10,000 members cost one request each, and one that failed costs no other a request", async () => {
  const client = new FakeDashScope();
  const account = buildAccount({ client });
  const stack = new Stack(threadSetLifecycle);
  expect(await stack.up(declare("silver"), account)).toBeUndefined();
  expect(takeCounts(client)).toEqual({ "POST threads": size });
  expect(await stack.up(declare("silver"), account)).toBeUndefined();
  expect(takeCounts(client)).toEqual({});

  client.decideFate = ({ body }) =>
    JSON.stringify(body).includes("tenant-5000") ? "is lost after the work" : "works";
  expect(await stack.up(declare("gold"), account)).toHaveProperty("code", "DASHSCOPE_ERR_INCOMPLETE");
  expect(takeCounts(client)).toEqual({ "POST threads/{id}": size });

  client.decideFate = () => "works";
  expect(await stack.up(declare("gold"), account)).toBeUndefined();
  expect(takeCounts(client)).toEqual({ "GET threads/{id}": 1 });

  await stack.refresh(account);
  expect(takeCounts(client)).toEqual({ "GET threads/{id}": size });
  expect(stack.inputs).toMatchObject(declare("gold"));

  await stack.destroy(account);
  expect(takeCounts(client)).toEqual({ "DELETE threads/{id}": size });
  expect(client.objects.size).toBe(0);
});
