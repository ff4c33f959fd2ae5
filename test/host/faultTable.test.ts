import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { faultCases } from "../../scripts/faults/faultCases";
import { type Row, runFaultTable, verbs } from "../../scripts/faults/faultTable";

jest.setTimeout(240_000);

let rows: Row[] = [];
let creates: Row[] = [];

beforeAll(async () => {
  const all = await runFaultTable();
  rows = all.filter(({ column }) => column === "own");
  creates = rows.filter(({ verb }) => verb === "create");
  foreignKey = all.filter(({ column }) => column === "foreignKey");
  changedEnvironment = all.filter(({ column }) => column === "changedEnvironment");
});

let foreignKey: Row[] = [];
let changedEnvironment: Row[] = [];

test("the table has a row for each operation and fault, once and always", () => {
  const withFault = faultCases.filter(({ fault }) => fault).length;
  expect(rows).toHaveLength((faultCases.length + withFault) * verbs.length);
});

describe("a create", () => {
  test("a create makes at most one thread", () => {
    expect(rows.filter(({ made }) => made.length > 1)).toEqual([]);
  });

  test("each created thread is in the state or in the message, and in the journal", () => {
    const made = creates.filter((row) => row.made.length > 0);
    expect(made.length).toBeGreaterThan(20);
    const unrecorded = made.filter((row) => row.made.some((id) => !row.recorded.includes(id)));
    expect(unrecorded).not.toEqual([]);
    expect(
      unrecorded.filter(
        ({ ownedUp, message, url }) =>
          !(
            ownedUp &&
            /after the request was sent at \d{4}-\d\d-\d\dT\S+Z/.test(message) &&
            message.includes(` at ${url}: `)
          ),
      ),
    ).toEqual([]);
    expect(
      made.filter(({ journaled }) => !/^(created|uncertain)$/.test(journaled.at(-1)?.end ?? "")),
    ).toEqual([]);
  });

  test("the journal records a created thread with its ID, an uncertain one as such, and no other", () => {
    const recorded = creates.filter((row) => row.recorded.length > 0);
    expect(recorded.filter((row) => row.journaled.at(-1)?.id !== row.recorded[0])).toEqual([]);
    const uncertain = creates.filter(({ ownedUp }) => ownedUp);
    expect(uncertain.filter(({ journaled }) => journaled.at(-1)?.end !== "uncertain")).toEqual([]);
    const refused = creates.filter((row) => row.message !== "" && !row.ownedUp);
    expect(refused.filter(({ journaled }) => journaled.some(({ end }) => end !== "refused"))).toEqual([]);
  });

  test("a create with a lost answer is sent once, and every other failed create makes no thread", () => {
    const failed = creates.filter(({ message }) => message !== "");
    expect(failed.filter(({ ownedUp, requests }) => ownedUp && requests !== 1)).toEqual([]);
    expect(failed.filter(({ ownedUp, made }) => !ownedUp && made.length > 0)).toEqual([]);
  });

  test("an uncertain create names the request ID if one came, and the thread if its ID can be read", () => {
    const answered = creates.filter(({ message }) => /: HTTP \d+/.test(message));
    expect(answered.length).toBeGreaterThan(30);
    expect(answered.filter(({ message }) => !/\(request ID [\w-]+\)/.test(message))).toEqual([]);
    const cut = creates.filter(
      ({ faultCase, message }) =>
        faultCase.name === "the answer is cut off" && message.includes(": HTTP 200"),
    );
    expect(cut.length).toBeGreaterThan(0);
    for (const { message, made, journaled } of cut) {
      expect(message).toContain(`DashScope created the thread \`${made[0]}\``);
      expect(journaled).toEqual([{ end: "uncertain", id: made[0] }]);
    }
  });

  test("a create is repeated only if DashScope refused it before any work, or if it was never sent", () => {
    const repeated = creates.filter(({ requests }) => requests > 1);
    expect([...new Set(repeated.map(({ faultCase }) => faultCase.name))]).toEqual([
      "429 throttled",
      "429 throttled, Retry-After in seconds",
      "429 throttled, Retry-After as a date",
    ]);
    expect(creates.filter(({ faultCase }) => faultCase.late)).toEqual([
      expect.objectContaining({ requests: 1, made: [expect.any(String)], message: "" }),
    ]);
  });

  test("a create succeeds after throttling, and on a server that closes idle connections", () => {
    const passing = creates.filter(
      ({ faultCase, strikes }) =>
        (faultCase.name.startsWith("429 throttled") && strikes === "once") ||
        faultCase.name.startsWith("idle"),
    );
    expect(passing).toHaveLength(5);
    expect(
      passing.filter(({ made, recorded, message }) => message !== "" || made[0] !== recorded[0]),
    ).toEqual([]);
  });
});

describe("another operation", () => {
  test("read, update and delete succeed after a temporary fault", () => {
    const passing = rows.filter(
      ({ verb, faultCase, strikes }) => verb !== "create" && !faultCase.final && strikes === "once",
    );
    expect(passing.length).toBeGreaterThan(40);
    expect(passing.filter(({ message }) => message !== "")).toEqual([]);
  });

  test("a delete with a lost answer succeeds when the retry finds no thread", () => {
    const lost = rows.filter(
      ({ verb, faultCase, strikes }) =>
        verb === "delete" && strikes === "once" && /after the work|cut off/.test(faultCase.name),
    );
    expect(
      lost.map(({ requests, made, recorded, message }) => ({ requests, made, recorded, message })),
    ).toEqual(Array(2).fill({ requests: 2, made: [], recorded: [], message: "" }));
  });

  test("a thread leaves the state only if DashScope says that it's gone or deleted", () => {
    const dropped = rows.filter(
      ({ verb, made, recorded, faultCase }) =>
        verb !== "create" && !faultCase.gone && recorded.length < (verb === "update" ? 1 : made.length),
    );
    expect(dropped).toEqual([]);
  });
});

test("a permanent fault isn't retried", () => {
  // A request that takes too long on a busy machine may be retried for that.
  const retried = rows.filter(
    ({ faultCase, requests, message }) =>
      faultCase.final && requests > 1 && !message.includes("no complete answer"),
  );
  expect(retried).toEqual([]);
});

test("every failure is one message with the operation, the endpoint, the reason and a code", () => {
  const failed = rows.filter(({ message }) => message !== "");
  expect(
    failed.filter(
      ({ message, faultCase }) =>
        !(faultCase.gone && message.includes("DASHSCOPE_ERR_THREAD_GONE")) &&
        !/^Could not (create a thread|(read|update|delete) thread thread_[\w-]+) at https?:\S+: .+\. .+ \[DASHSCOPE_ERR_\w+\]$/.test(
          message,
        ),
    ),
  ).toEqual([]);
  expect(rows.filter(({ message }) => /sk-|Bearer/.test(message))).toEqual([]);
});

describe("the column of a foreign key", () => {
  test("under a foreign key, no fault changes, deletes or drops a thread", () => {
    expect(foreignKey.length).toBeGreaterThan(100);
    expect(
      foreignKey.filter(
        ({ made, recorded, metadata, message }) =>
          made.length !== 1 ||
          recorded[0] !== made[0] ||
          message === "" ||
          JSON.stringify(metadata) !== '{"a":"1"}',
      ),
    ).toEqual([]);
  });

  test("under a foreign key, an answer that the thread is gone is an account error", () => {
    const gone = foreignKey.filter(({ faultCase }) => faultCase.gone);
    expect(gone).toHaveLength(3);
    expect(gone.filter(({ message }) => !message.endsWith("[DASHSCOPE_ERR_ACCOUNT]"))).toEqual([]);
  });
});

describe("the column of a changed environment", () => {
  test("in a changed environment, every operation ends as in the environment of the creation", () => {
    const describeEnd = ({ verb, faultCase, strikes, made, recorded, message }: Row) =>
      `${verb}, ${faultCase.name}, ${strikes}: ${made.length} made, ${recorded.length} recorded, ${message === "" ? "succeeds" : "fails"}`;
    const own = rows.map(describeEnd);
    expect(changedEnvironment).toHaveLength(faultCases.length * 3);
    expect(changedEnvironment.map(describeEnd).filter((end) => !own.includes(end))).toEqual([]);
  });

  test("in a changed environment, nothing is sent to the endpoint of the environment", () => {
    expect(changedEnvironment.filter(({ strayRequests }) => strayRequests > 0)).toEqual([]);
  });
});
