import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator } from "dashscope-emulator";
import { computeFingerprint } from "../../provider/src/dashscope/fingerprint";
import { type JournaledCreate, readJournal } from "../../provider/src/journal/read";
import { HookFailed, type Host, type Properties, provider } from "../host/dynamicHost";
import { apiKey, Fixture } from "../host/fixture";
import { type FaultCase, faultCases, requestTimeout } from "./faultCases";
import { Relay } from "./relay";

/** The operations of the table. */
export const verbs = ["create", "read", "update", "delete"] as const;
export type Verb = (typeof verbs)[number];

/**
 * How the host is configured. `own`: as when the thread was created. `foreignKey`: with a key of another account. `changedEnvironment`:
 * the environment names another endpoint and another workspace.
 */
export type Column = "own" | "foreignKey" | "changedEnvironment";

/** One operation under one fault. */
interface Cell {
  readonly verb: Verb;
  readonly faultCase: FaultCase;
  readonly strikes: "once" | "always";
  readonly column: Column;
}

/** The result of one operation under one fault. */
export interface Row extends Cell {
  /** The number of requests that arrived. */
  readonly requests: number;
  /** The threads that exist afterwards. Before it, there is none for a create and one for every other operation. */
  readonly made: readonly string[];
  /** The metadata of the first of them. */
  readonly metadata: unknown;
  /** The threads that the engine has in its state afterwards. */
  readonly recorded: readonly string[];
  /** Whether the message names the thread, or says that one may exist. */
  readonly ownedUp: boolean;
  /** What the journal says of the creates. */
  readonly journaled: readonly Pick<JournaledCreate, "end" | "id">[];
  /** What the user reads. Empty if the operation succeeded. */
  readonly message: string;
  readonly url: string;
  /** The number of requests that went to the endpoint of the changed environment. */
  readonly strayRequests: number;
}

/** A host, and where its requests must not go. */
interface Setting {
  readonly host: Host;
  readonly elsewhere: Emulator;
}

const config = {
  "dashscope:requestTimeout": String(requestTimeout),
  "dashscope:operationTimeout": "12",
  "dashscope:maxRetries": "2",
  "dashscope:maxConcurrency": "64",
};
const foreignKey = "sk-foreign";
const setupKey = "sk-setup";
const uncertain = /may have created|DashScope created/;

/** Runs every operation under every fault through real hosts. */
export async function runFaultTable(): Promise<Row[]> {
  const fixture = new Fixture();
  try {
    const rows = await Promise.all([
      runInLanes(fixture, "own", "slow", 16),
      runInLanes(fixture, "own", undefined, 6),
      ...faultCases
        .filter(({ pace }) => pace === "pausing")
        .map((faultCase) => runOneByOne(fixture, "own", [faultCase])),
      runColumn(fixture, "foreignKey"),
      runColumn(fixture, "changedEnvironment"),
    ]);
    const order = listCells(faultCases, "own");
    const place = ({ verb, faultCase, strikes }: Cell) =>
      order.findIndex(
        (cell) => cell.verb === verb && cell.faultCase === faultCase && cell.strikes === strikes,
      );
    return rows.flat().toSorted((a, b) => place(a) - place(b));
  } finally {
    await fixture.close();
  }
}

/** A create sends nothing about an existing thread, so the other columns have none. One strike is enough for them. */
function listCells(some: readonly FaultCase[], column: Column): Cell[] {
  return some.flatMap((faultCase) => {
    const strikes = faultCase.fault === undefined ? (["always"] as const) : (["once", "always"] as const);
    return (column === "own" ? strikes : strikes.slice(0, 1)).flatMap((strike) =>
      verbs
        .filter((verb) => column === "own" || verb !== "create")
        .map((verb) => ({ verb, faultCase, strikes: strike, column })),
    );
  });
}

async function runColumn(fixture: Fixture, column: Column): Promise<Row[]> {
  const rows = await Promise.all([
    runInLanes(fixture, column, "slow", 8),
    runInLanes(fixture, column, undefined, 4),
    runOneByOne(
      fixture,
      column,
      faultCases.filter(({ pace }) => pace === "pausing"),
    ),
  ]);
  return rows.flat();
}

/** Runs cells that don't disturb one another through one host, in lanes with one emulator each. */
async function runInLanes(
  fixture: Fixture,
  column: Column,
  pace: FaultCase["pace"],
  count: number,
): Promise<Row[]> {
  const setting = await startSetting(fixture, column);
  const left = listCells(
    faultCases.filter((one) => one.pace === pace),
    column,
  ).values();
  const lanes = Array.from({ length: count }, async () => {
    const emulator = await startEmulator(fixture);
    const rows: Row[] = [];
    for (const cell of left) rows.push(await runCell(cell, setting, emulator, fixture));
    return rows;
  });
  return (await Promise.all(lanes)).flat();
}

/** Runs cells that pause a host. It recovers in between. */
async function runOneByOne(fixture: Fixture, column: Column, some: readonly FaultCase[]): Promise<Row[]> {
  const emulator = await startEmulator(fixture);
  const setting = await startSetting(fixture, column, { "dashscope:operationTimeout": "8" });
  const rows: Row[] = [];
  for (const cell of listCells(some, column)) {
    rows.push(await runCell(cell, setting, emulator, fixture));
    await waitForRecovery(setting.host, emulator);
  }
  return rows;
}

function startEmulator(fixture: Fixture): Promise<Emulator> {
  return fixture.startEmulator({
    apiKeys: [`${apiKey}=ours`, `${setupKey}=ours`, `${foreignKey}=theirs`],
  });
}

/** The base URL is each thread's recorded one, so the hosts have none of their own, except that of a changed environment. */
async function startSetting(
  fixture: Fixture,
  column: Column,
  more: Record<string, string> = {},
): Promise<Setting> {
  const elsewhere = await fixture.startEmulator();
  const host = await fixture.startHost({
    env: {
      DASHSCOPE_API_KEY: column === "foreignKey" ? foreignKey : apiKey,
      ...(column === "changedEnvironment" && {
        DASHSCOPE_HTTP_BASE_URL: elsewhere.url,
        DASHSCOPE_WORKSPACE_ID: "llm-elsewhere",
      }),
    },
    config: { ...config, ...more },
  });
  return { host, elsewhere };
}

async function runCell(
  cell: Cell,
  { host, elsewhere }: Setting,
  emulator: Emulator,
  fixture: Fixture,
): Promise<Row> {
  const { verb, faultCase, strikes } = cell;
  const { fault, late } = faultCase;
  const before = verb === "create" ? [] : [await createDirectly(emulator)];
  const others = emulator.threads().map(({ id }) => id);
  const strayBefore = elsewhere.requests().length;
  emulator.clearRequests();
  if (fault) emulator.setFaults([strikes === "once" ? { ...fault, times: 1 } : fault]);
  const relay = late && fixture.add(await Relay.prepare());
  const url = relay ? `http://127.0.0.1:${relay.port}/api/v1` : (faultCase.baseUrl ?? emulator.url);
  const journal = () => readJournal(host.journal).creates.filter(({ baseUrl }) => baseUrl === url);
  const journaledBefore = journal().length;
  const ending = runVerb(verb, before[0] ?? "", url, host);
  if (relay) setTimeout(() => relay.open(emulator.port), 30);
  const { recorded, message } = await ending;
  const requests = emulator.requests().length;
  emulator.setFaults([]);
  const made = emulator.threads().filter(({ id }) => before.includes(id) || !others.includes(id));
  return {
    ...cell,
    url,
    requests,
    made: made.map(({ id }) => id),
    metadata: made[0]?.metadata,
    recorded,
    message,
    ownedUp: uncertain.test(message),
    journaled: journal()
      .slice(journaledBefore)
      .map(({ end, id }) => ({ end, ...(id !== undefined && { id }) })),
    strayRequests: elsewhere.requests().length - strayBefore,
  };
}

/** Runs one operation, and returns what the engine has in its state afterwards, by the engine's own rules. */
async function runVerb(
  verb: Verb,
  id: string,
  baseUrl: string,
  host: Host,
): Promise<Pick<Row, "recorded" | "message">> {
  const state: Properties = {
    baseUrl,
    metadata: { a: "1" },
    __keys: [computeFingerprint(baseUrl, apiKey)],
    __instance: "instance",
    __provider: provider,
  };
  const declared: Properties = { baseUrl, metadata: { a: "2" }, __provider: provider };
  const kept = verb === "create" ? [] : [id];
  try {
    switch (verb) {
      case "create":
        return { recorded: [(await host.create(declared)).id], message: "" };
      case "read":
        return { recorded: [(await host.read(id, { properties: state })).id].filter(Boolean), message: "" };
      case "update":
        await host.update(id, state, declared);
        return { recorded: kept, message: "" };
      case "delete":
        await host.delete(id, state);
        return { recorded: [], message: "" };
    }
  } catch (error) {
    if (!(error instanceof HookFailed)) throw error;
    return { recorded: error.partial ? [error.partial.id] : kept, message: error.message };
  }
}

/** Creates a thread without the host, whose process may be paused. */
async function createDirectly(emulator: Emulator): Promise<string> {
  const before = emulator.threads().map(({ id }) => id);
  await fetch(`${emulator.url}/threads`, {
    method: "POST",
    headers: { authorization: `Bearer ${setupKey}`, "content-type": "application/json" },
    body: JSON.stringify({ metadata: { a: "1" } }),
  });
  const made = emulator.threads().find(({ id }) => !before.includes(id));
  if (made === undefined) throw new Error("The emulator created no thread.");
  return made.id;
}

/** Waits until the host sends again. Under a foreign key, DashScope's answer is that the thread doesn't exist. */
async function waitForRecovery(host: Host, emulator: Emulator): Promise<void> {
  const id = await createDirectly(emulator);
  const properties = { baseUrl: emulator.url, metadata: {}, __provider: provider };
  while (!(await host.read(id, { properties }).catch(() => undefined))) await sleep(100);
}
