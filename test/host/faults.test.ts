import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { troubles } from "./faults";
import { faultTable, type Row, verbs } from "./table";

jest.setTimeout(240_000);

let rows: Row[] = [];

beforeAll(async () => {
  rows = await faultTable();
});

const mayExist = /A thread may have been created|has been created/;

describe("in every trouble, for every verb", () => {
  test("there is a row, struck once and for ever", () => {
    const struck = troubles.filter(({ fault }) => fault).length;
    expect(rows).toHaveLength((2 * struck + (troubles.length - struck)) * verbs.length);
  });

  test("no thread is made twice", () => {
    expect(of(({ threads }) => threads.length > 1)).toEqual([]);
  });

  test("no thread is made that neither the state nor the message knows of", () => {
    const unknown = created().filter(({ threads, state }) => threads.some((id) => !state.includes(id)));
    expect(unknown).not.toEqual([]);
    expect(
      unknown.filter(
        ({ message, url }) =>
          !(
            mayExist.test(message) &&
            /after the request was sent at \d{4}-\d\d-\d\dT\S+Z/.test(message) &&
            message.includes(` at ${url}: `)
          ),
      ),
    ).toEqual([]);
  });

  test("a create whose answer was lost is sent once, and every other failure of a create made none", () => {
    const failed = created().filter(({ message }) => message !== "");
    const uncertain = failed.filter(({ message }) => mayExist.test(message));
    expect(uncertain.filter(({ requests }) => requests !== 1)).toEqual([]);
    expect(failed.filter((row) => !uncertain.includes(row) && row.threads.length > 0)).toEqual([]);
  });

  test("a create names the request id when one came, and the thread when its id can be read", () => {
    const answered = created().filter(({ message }) => /: HTTP \d+/.test(message));
    expect(answered.length).toBeGreaterThan(30);
    expect(answered.filter(({ message }) => !/\(request id [\w-]+\)/.test(message))).toEqual([]);
    const cut = created().filter(
      ({ trouble, message }) => trouble.name === "the answer breaks off" && message.includes(": HTTP 200"),
    );
    expect(cut.length).toBeGreaterThan(0);
    for (const { message, threads } of cut) {
      expect(message).toContain(
        `The thread ${threads[0]} has been created there: take it over with adoptId: "${threads[0]}"`,
      );
    }
  });

  test("a create is not repeated unless it was refused before any work, or never sent", () => {
    const repeated = created().filter(({ requests }) => requests > 1);
    expect([...new Set(repeated.map(({ trouble }) => trouble.name))]).toEqual([
      "429 throttled",
      "429 throttled, Retry-After in seconds",
      "429 throttled, Retry-After as a date",
    ]);
    expect(created().filter(({ trouble }) => trouble.late)).toEqual([
      expect.objectContaining({ requests: 1, threads: [expect.any(String)], message: "" }),
    ]);
  });

  test("a create refused before any work, or met by a server that closes idle connections, goes well in the end", () => {
    const passing = created().filter(
      ({ trouble, strikes }) =>
        (trouble.name.startsWith("429 throttled") && strikes === "once") || trouble.name.startsWith("idle"),
    );
    expect(passing).toHaveLength(5);
    expect(
      passing.filter(({ threads, state, message }) => message !== "" || threads[0] !== state[0]),
    ).toEqual([]);
  });

  test("reading, updating and deleting get over what passes", () => {
    const passing = rows.filter(
      ({ verb, trouble, strikes }) => verb !== "create" && !trouble.final && strikes === "once",
    );
    expect(passing.length).toBeGreaterThan(40);
    expect(passing.filter(({ message }) => message !== "")).toEqual([]);
  });

  test("a delete whose answer was lost, and which then finds nothing, has succeeded", () => {
    const lost = rows.filter(
      ({ verb, trouble, strikes }) =>
        verb === "delete" && strikes === "once" && /after the work|breaks off/.test(trouble.name),
    );
    expect(
      lost.map(({ requests, threads, state, message }) => ({ requests, threads, state, message })),
    ).toEqual(Array(2).fill({ requests: 2, threads: [], state: [], message: "" }));
  });

  test("a thread leaves the state only when DashScope itself says that it is gone, or was deleted", () => {
    const left = of(
      ({ verb, state, trouble, threads }) =>
        verb === "read" && state.length === 0 && !trouble.gone && threads.length > 0,
    );
    expect(left).toEqual([]);
    expect(of(({ verb, state }) => verb === "update" && state.length === 0)).toEqual([]);
    expect(
      of(
        ({ verb, state, threads, trouble }) =>
          verb === "delete" && state.length < threads.length && !trouble.gone,
      ),
    ).toEqual([]);
  });

  test("what cannot pass is not tried again: billing, keys, workspaces, redirects, pages of proxies", () => {
    // A request that took too long on a busy machine may have been repeated for that.
    const final = rows.filter(
      ({ trouble, requests, message }) =>
        trouble.final && requests > 1 && !message.includes("no complete answer"),
    );
    expect(final).toEqual([]);
    expect(
      of(
        ({ message }) =>
          /Bill|Arrearage|Commodity/.test(message) && !message.includes("DASHSCOPE_ERR_BILLING"),
      ),
    ).toEqual([]);
  });

  test("every failure is one message with what was tried, where, what came back and a code", () => {
    expect(
      of(
        ({ message }) =>
          message !== "" &&
          !/^Could not (create a thread|(read|update|delete) thread thread_[\w-]+) at https?:\S+: .+\. .+ \[DASHSCOPE_ERR_\w+\]$/.test(
            message,
          ),
      ),
    ).toEqual([]);
    expect(of(({ message }) => /sk-|Bearer|\[redacted\]/.test(message))).toEqual([]);
  });
});

function of(matches: (row: Row) => boolean): Row[] {
  return rows.filter(matches);
}

function created(): Row[] {
  return of(({ verb }) => verb === "create");
}
