import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { contents, type Row, runFaultTable } from "../../scripts/faults/faultTable";
import { conversation, type Subject, thread } from "../../scripts/faults/subjects";

jest.setTimeout(240_000);

let all: Row[] = [];

beforeAll(async () => {
  all = await runFaultTable();
});

describe.each([thread, conversation])("of a $noun,", (subject) => {
  const { noun, faultCases } = subject;
  const throttled = faultCases.map(({ name }) => name).filter((name) => name.startsWith("429 throttled"));
  const select = (column: Row["column"]) =>
    all.filter((row) => row.subject === subject && row.column === column);
  let rows: Row[] = [];
  let creates: Row[] = [];
  let foreignKey: Row[] = [];

  beforeAll(() => {
    rows = select("own");
    creates = rows.filter(({ verb }) => verb === "create");
    foreignKey = select("foreignKey");
  });

  test("the table has a row for each operation and fault", () => {
    expect(rows).toHaveLength(countRows(subject));
  });

  describe("a create", () => {
    test("a create makes at most one object", () => {
      expect(rows.filter(({ made }) => made.length > 1)).toEqual([]);
    });

    test("each created object is in the state or in the message, and in the journal", () => {
      const made = creates.filter((row) => row.made.length > 0);
      expect(made.length).toBeGreaterThan(noun === "thread" ? 20 : 5);
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

    test("the journal records a created object with its ID, an uncertain one as such, and no other", () => {
      const recorded = creates.filter((row) => row.recorded.length > 0);
      expect(recorded.filter((row) => row.journaled.at(-1)?.id !== row.recorded[0])).toEqual([]);
      const uncertain = creates.filter(({ ownedUp }) => ownedUp);
      expect(uncertain.filter(({ journaled }) => journaled.at(-1)?.end !== "uncertain")).toEqual([]);
      const refused = creates.filter((row) => row.message !== "" && !row.ownedUp);
      expect(refused.filter(({ journaled }) => journaled.some(({ end }) => end !== "refused"))).toEqual([]);
    });

    test("a create with a lost answer is sent once, and every other failed create makes nothing", () => {
      const failed = creates.filter(({ message }) => message !== "");
      expect(failed.filter(({ ownedUp, requests }) => ownedUp && requests !== 1)).toEqual([]);
      expect(failed.filter(({ ownedUp, made }) => !ownedUp && made.length > 0)).toEqual([]);
    });

    test("an uncertain create names the request ID if one came, and the object if its ID can be read", () => {
      const answered = creates.filter(({ message }) => /: HTTP \d+/.test(message));
      expect(answered.length).toBeGreaterThan(noun === "thread" ? 30 : 10);
      expect(answered.filter(({ message }) => !/\(request ID [\w-]+\)/.test(message))).toEqual([]);
      const cut = creates.filter(
        ({ faultCase, message }) =>
          faultCase.name === "the answer is cut off" && message.includes(": HTTP 200"),
      );
      expect(cut.length).toBeGreaterThan(0);
      for (const { message, made, journaled } of cut) {
        expect(message).toContain(`DashScope created the ${noun} \`${made[0]}\``);
        expect(journaled).toEqual([{ end: "uncertain", id: made[0] }]);
      }
    });

    test("a create is repeated only if DashScope refused it before any work, or if it was never sent", () => {
      const repeated = creates.filter(({ requests }) => requests > 1);
      expect([...new Set(repeated.map(({ faultCase }) => faultCase.name))]).toEqual(throttled);
      expect(creates.filter(({ faultCase }) => faultCase.late)).toEqual([
        expect.objectContaining({ requests: 1, made: [expect.any(String)], message: "" }),
      ]);
    });

    test("a create succeeds after throttling, and on a server that closes idle connections", () => {
      const passing = creates.filter(
        ({ faultCase, strikes }) =>
          (throttled.includes(faultCase.name) && strikes === "once") || faultCase.name.startsWith("idle"),
      );
      expect(passing).toHaveLength(throttled.length + subject.strikes.length);
      expect(
        passing.filter(({ made, recorded, message }) => message !== "" || made[0] !== recorded[0]),
      ).toEqual([]);
    });
  });

  describe("another operation", () => {
    test("read, update and delete succeed after a temporary fault", () => {
      const passing = rows.filter(
        ({ verb, faultCase, strikes }) => isOther(verb) && !faultCase.final && strikes === "once",
      );
      expect(passing.length).toBeGreaterThan(noun === "thread" ? 40 : 20);
      expect(passing.filter(({ message }) => message !== "")).toEqual([]);
    });

    test("a delete with a lost answer succeeds when the retry finds nothing", () => {
      const lost = rows.filter(
        ({ verb, faultCase, strikes }) =>
          verb === "delete" && strikes === "once" && /after the work|cut off/.test(faultCase.name),
      );
      expect(
        lost.map(({ requests, made, recorded, message }) => ({ requests, made, recorded, message })),
      ).toEqual(Array(2).fill({ requests: 2, made: [], recorded: [], message: "" }));
    });

    test("an object leaves the state only if DashScope says that it's gone or deleted", () => {
      const dropped = rows.filter(
        ({ verb, made, recorded, faultCase }) =>
          isOther(verb) && !faultCase.gone && recorded.length < (verb === "update" ? 1 : made.length),
      );
      expect(dropped).toEqual([]);
    });

    test("an object leaves the state if DashScope says that it's gone", () => {
      const gone = rows.filter(({ verb, faultCase }) => verb === "read" && faultCase.gone);
      expect(gone.length).toBeGreaterThan(0);
      expect(gone.filter(({ recorded, message }) => recorded.length > 0 || message !== "")).toEqual([]);
    });
  });

  test("a permanent fault isn't retried", () => {
    // A request that takes too long on a busy machine may be retried for that.
    const retried = rows.filter(
      ({ verb, faultCase, requests, message }) =>
        verb !== "add items" && faultCase.final && requests > 1 && !message.includes("no complete answer"),
    );
    expect(retried).toEqual([]);
  });

  test("every failure is one message with the operation, the endpoint, the reason and a code", () => {
    const failed = rows.filter(({ message }) => message !== "");
    const operation = `(create a ${noun}|(read|update|delete) ${noun} (thread|conv)_[\\w-]+)`;
    const shape = new RegExp(`^Could not ${operation} at https?:\\S+: .+\\. .+ \\[DASHSCOPE_ERR_\\w+\\]$`);
    const incomplete =
      /^The conversation conv_[\w-]+ exists and is recorded, but .+ 20 of its 25 items: Could not add items to conversation conv_[\w-]+ at https?:\S+: .+ \[DASHSCOPE_ERR_INCOMPLETE\]$/;
    expect(
      failed.filter(
        ({ message, faultCase, verb }) =>
          !(faultCase.gone && message.includes(`DASHSCOPE_ERR_${noun.toUpperCase()}_GONE`)) &&
          !(verb === "add items" ? incomplete : shape).test(message),
      ),
    ).toEqual([]);
    expect(rows.filter(({ message }) => /sk-|Bearer/.test(message))).toEqual([]);
  });

  describe("the column of a foreign key", () => {
    test("under a foreign key, no fault changes, deletes or drops an object", () => {
      expect(foreignKey).toHaveLength(faultCases.filter(({ pace }) => pace !== "slow").length * 3);
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

    test("under a foreign key, an operation that reaches DashScope after a fault is an account error", () => {
      const reached = foreignKey.filter(
        ({ faultCase, strikes }) => !faultCase.final && faultCase.fault !== undefined && strikes === "once",
      );
      expect(reached.length).toBeGreaterThan(10);
      expect(
        reached.filter(
          ({ requests, message }) => requests === 0 || !message.endsWith("[DASHSCOPE_ERR_ACCOUNT]"),
        ),
      ).toEqual([]);
    });

    test("under a foreign key, an answer that the object is gone is an account error", () => {
      const gone = foreignKey.filter(({ faultCase }) => faultCase.gone);
      expect(gone.length).toBeGreaterThanOrEqual(3);
      expect(
        gone.filter(
          ({ requests, message }) => requests !== 1 || !message.endsWith("[DASHSCOPE_ERR_ACCOUNT]"),
        ),
      ).toEqual([]);
    });
  });
});

describe("a conversation's items", () => {
  let added: Row[] = [];

  beforeAll(() => {
    added = all.filter(({ verb }) => verb === "add items");
  });

  test("a conversation is recorded, whatever fault its items meet", () => {
    expect(added).toHaveLength(conversation.faultCases.filter(({ fault }) => fault).length);
    expect(
      added.filter(
        ({ made, recorded, journaled }) =>
          made.length !== 1 || recorded[0] !== made[0] || journaled.at(-1)?.id !== made[0],
      ),
    ).toEqual([]);
    expect(added.filter(({ message }) => message === "").map(({ faultCase }) => faultCase.name)).toEqual([
      "429 throttled",
      "idle connections closed at once",
    ]);
  });

  test("one update without faults leads to exactly the declared items in order", () => {
    expect(added.filter(({ completion }) => completion?.items.join() !== contents.join())).toEqual([]);
  });

  test("items are sent again only if DashScope refused them before any work, or after a look at what arrived", () => {
    const repeated = added.filter(({ completion }) => (completion?.addedBefore.length ?? 0) !== 1);
    expect(repeated.map(({ faultCase }) => faultCase.name)).toEqual(["429 throttled"]);
    const blind = added.filter(({ message, completion }) => {
      const sent = completion?.sent.map(({ verb }) => verb) ?? [];
      const [looked, again] = [sent.indexOf("listItems"), sent.indexOf("createItems")];
      return message === "" ? again >= 0 : looked < 0 || (again >= 0 && again < looked);
    });
    expect(blind).toEqual([]);
  });
});

describe("the column of a changed environment", () => {
  let rows: Row[] = [];
  let changedEnvironment: Row[] = [];

  beforeAll(() => {
    rows = all.filter(({ subject, column }) => subject === thread && column === "own");
    changedEnvironment = all.filter(({ column }) => column === "changedEnvironment");
  });

  test("in a changed environment, every operation ends as in the environment of the creation", () => {
    const describeEnd = ({ verb, faultCase, strikes, made, recorded, message }: Row) =>
      `${verb}, ${faultCase.name}, ${strikes}: ${made.length} made, ${recorded.length} recorded, ${message === "" ? "succeeds" : "fails"}`;
    const own = rows.map(describeEnd);
    expect(changedEnvironment).toHaveLength(thread.faultCases.length * 3);
    expect(changedEnvironment.map(describeEnd).filter((end) => !own.includes(end))).toEqual([]);
  });

  test("in a changed environment, nothing is sent to the endpoint of the environment", () => {
    expect(changedEnvironment.filter(({ strayRequests }) => strayRequests > 0)).toEqual([]);
  });
});

function isOther(verb: Row["verb"]): boolean {
  return verb === "read" || verb === "update" || verb === "delete";
}

/** Every operation under every fault, as often as the strikes say. Items meet only faults of the emulator. */
function countRows({ verbs, faultCases, strikes }: Subject): number {
  const withFault = faultCases.filter(({ fault }) => fault).length;
  const others = verbs.filter((verb) => verb !== "add items").length;
  return (
    (faultCases.length - withFault + withFault * strikes.length) * others +
    (verbs.length - others) * withFault
  );
}
