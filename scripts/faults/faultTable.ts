import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator, LoggedRequest } from "dashscope-emulator";
import { computeFingerprint } from "../../provider/src/dashscope/fingerprint";
import { type JournaledCreate, readJournal } from "../../provider/src/journal/read";
import { HookFailed, type Host, type Properties } from "../host/dynamicHost";
import { apiKey, Fixture } from "../host/fixture";
import { type FaultCase, requestTimeout } from "./faultCases";
import { Relay } from "./relay";
import { type Column, conversation, type Strikes, type Subject, thread, type Verb } from "./subjects";

/** One operation under one fault. */
interface Cell {
  readonly subject: Subject;
  readonly verb: Verb;
  readonly faultCase: FaultCase;
  readonly strikes: Strikes;
  readonly column: Column;
}

/** The result of one operation under one fault. */
export interface Row extends Cell {
  /** The number of requests that arrived. */
  readonly requests: number;
  /** The objects that exist afterwards. Before it, there is none for a create and one for every other operation. */
  readonly made: readonly string[];
  /** The metadata of the first of them. */
  readonly metadata: unknown;
  /** The objects that the engine has in its state afterwards. */
  readonly recorded: readonly string[];
  /** Whether the message names the object, or says that one may exist. */
  readonly ownedUp: boolean;
  /** What the journal says of the creates. */
  readonly journaled: readonly Pick<JournaledCreate, "end" | "id">[];
  /** What the user reads. Empty if the operation succeeded. */
  readonly message: string;
  readonly url: string;
  /** The number of requests that went to the endpoint of the changed environment. */
  readonly strayRequests: number;
  /** What an update without faults made of a conversation whose items met the fault. */
  readonly completion?: Completion;
}

/** An update that completes a conversation. */
interface Completion {
  /** The contents of the conversation's items afterwards. */
  readonly items: readonly unknown[];
  /** What was sent to add items before the update, and everything that the update sent. */
  readonly addedBefore: readonly LoggedRequest[];
  readonly sent: readonly LoggedRequest[];
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

/** The contents of the items of `add items`: more than a create takes. */
export const contents: readonly string[] = Array.from({ length: 25 }, (_, index) => `Item ${index + 1}`);

/** Runs every operation of every resource under every fault through real hosts. */
export async function runFaultTable(): Promise<Row[]> {
  const fixture = new Fixture();
  try {
    const rows = await Promise.all([
      ...[thread, conversation].map((subject) => runWaiting(fixture, subject)),
      // The processor is busy with one resource at a time.
      runBusy(fixture, thread).then(async (first) => [...first, ...(await runBusy(fixture, conversation))]),
    ]);
    const order = [thread, conversation].flatMap((subject) => listCells(subject, subject.faultCases, "own"));
    const place = ({ subject, verb, faultCase, strikes }: Cell) =>
      order.findIndex(
        (cell) =>
          cell.subject === subject &&
          cell.verb === verb &&
          cell.faultCase === faultCase &&
          cell.strikes === strikes,
      );
    return rows.flat().toSorted((a, b) => place(a) - place(b));
  } finally {
    await fixture.close();
  }
}

/** A create sends nothing about an existing object, so the other columns have none. One strike is enough for them. */
function listCells(subject: Subject, some: readonly FaultCase[], column: Column): Cell[] {
  return some.flatMap((faultCase) => {
    const strikes = faultCase.fault === undefined ? (["always"] as const) : subject.strikes;
    return (column === "own" ? strikes : strikes.slice(0, 1)).flatMap((strike) =>
      subject.verbs
        .filter((verb) => column === "own" || !creates(verb))
        // Only a fault can be limited to the requests that add items.
        .filter((verb) => verb !== "add items" || faultCase.fault !== undefined)
        .map((verb) => ({ subject, verb, faultCase, strikes: strike, column })),
    );
  });
}

function creates(verb: Verb): boolean {
  return verb === "create" || verb === "add items";
}

/** Runs the faults that take seconds, which wait most of the time. */
async function runWaiting(fixture: Fixture, subject: Subject): Promise<Row[]> {
  const { faultCases, columns } = subject;
  const slow = faultCases.filter(({ pace }) => pace === "slow");
  const pausing = faultCases.filter(({ pace }) => pace === "pausing");
  const rows = await Promise.all(
    columns.flatMap((column) => {
      const run = { fixture, subject, column };
      if (column === "foreignKey") return [runOneByOne(run, pausing)];
      // The threads' own column is the longest.
      const isLongest = subject === thread && column === "own";
      const groups = isLongest ? pausing.map((faultCase) => [faultCase]) : [pausing];
      return [runInLanes(run, slow, isLongest ? 16 : 8), ...groups.map((some) => runOneByOne(run, some))];
    }),
  );
  return rows.flat();
}

/** Runs all other faults. */
async function runBusy(fixture: Fixture, subject: Subject): Promise<Row[]> {
  const quick = subject.faultCases.filter(({ pace }) => pace === undefined);
  const rows = await Promise.all(
    subject.columns.map((column) => {
      const run = { fixture, subject, column };
      // A host sends a key only to the endpoint that it's configured for, unless the key is known to reach the object.
      if (column === "foreignKey") return runOneByOne(run, quick);
      return runInLanes(run, quick, column === "own" ? 6 : 4);
    }),
  );
  return rows.flat();
}

/** What runs through one host. */
interface Run {
  readonly fixture: Fixture;
  readonly subject: Subject;
  readonly column: Column;
}

/** Runs cells that don't disturb one another through one host, in lanes with one emulator each. */
async function runInLanes(run: Run, some: readonly FaultCase[], count: number): Promise<Row[]> {
  const { fixture, subject, column } = run;
  const setting = await startSetting(run);
  const left = listCells(subject, some, column).values();
  const lanes = Array.from({ length: count }, async () => {
    const emulator = await startEmulator(fixture);
    const rows: Row[] = [];
    for (const cell of left) rows.push(await runCell(cell, setting, emulator, fixture));
    return rows;
  });
  return (await Promise.all(lanes)).flat();
}

/** Runs cells through one host with one emulator. The host recovers from pauses in between. */
async function runOneByOne(run: Run, some: readonly FaultCase[]): Promise<Row[]> {
  const { fixture, subject, column } = run;
  const emulator = await startEmulator(fixture);
  const setting = await startSetting(run, {
    "dashscope:operationTimeout": "8",
    ...(column === "foreignKey" && { "dashscope:baseUrl": emulator.url }),
  });
  const rows: Row[] = [];
  for (const cell of listCells(subject, some, column)) {
    rows.push(await runCell(cell, setting, emulator, fixture));
    if (cell.faultCase.pace === "pausing") await waitForRecovery(subject, setting.host, emulator);
  }
  return rows;
}

function startEmulator(fixture: Fixture): Promise<Emulator> {
  return fixture.startEmulator({
    apiKeys: [`${apiKey}=ours`, `${setupKey}=ours`, `${foreignKey}=theirs`],
  });
}

/** The base URL is each object's recorded one, so most hosts have none of their own, except that of a changed environment. */
async function startSetting({ fixture, column }: Run, more: Record<string, string> = {}): Promise<Setting> {
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
  const { subject, verb, faultCase, strikes } = cell;
  const { fault, late } = faultCase;
  const before = creates(verb) ? [] : [await createDirectly(subject, emulator)];
  const others = subject.listObjects(emulator).map(({ id }) => id);
  const strayBefore = elsewhere.requests().length;
  emulator.clearRequests();
  if (fault) {
    const condition = {
      ...(strikes === "once" && { times: 1 }),
      ...(verb === "add items" && { verb: "createItems" as const }),
    };
    emulator.setFaults([{ ...fault, ...condition }]);
  }
  const relay = late && fixture.add(await Relay.prepare());
  const own = subject.getBaseUrl(emulator);
  const url = relay ? `http://127.0.0.1:${relay.port}${new URL(own).pathname}` : (faultCase.baseUrl ?? own);
  const journal = () => readJournal(host.journal).creates.filter(({ baseUrl }) => baseUrl === url);
  const journaledBefore = journal().length;
  const ending = runVerb(subject, verb, before[0] ?? "", url, host);
  if (relay) setTimeout(() => relay.open(emulator.port), 30);
  const { recorded, properties, message } = await ending;
  const requests = emulator.requests();
  emulator.setFaults([]);
  const made = subject.listObjects(emulator).filter(({ id }) => before.includes(id) || !others.includes(id));
  const [id] = recorded;
  return {
    ...cell,
    url,
    requests: requests.length,
    made: made.map((one) => one.id),
    metadata: made[0]?.metadata,
    recorded,
    message,
    ownedUp: uncertain.test(message),
    journaled: journal()
      .slice(journaledBefore)
      .map((create) => ({ end: create.end, ...(create.id !== undefined && { id: create.id }) })),
    strayRequests: elsewhere.requests().length - strayBefore,
    ...(verb === "add items" &&
      id !== undefined && { completion: await complete(subject, id, properties, url, host, emulator) }),
  };
}

/** Runs an update without faults, which adds the items that are missing. */
async function complete(
  subject: Subject,
  id: string,
  properties: Properties,
  baseUrl: string,
  host: Host,
  emulator: Emulator,
): Promise<Completion> {
  const addedBefore = emulator.requests().filter((request) => request.verb === "createItems");
  emulator.clearRequests();
  await host.update(id, properties, declare(subject, "add items", baseUrl));
  const items = emulator.conversations().find((one) => one.id === id)?.items ?? [];
  return {
    items: items.map(({ content }) => (typeof content === "string" ? content : content[0]?.text)),
    addedBefore,
    sent: emulator.requests(),
  };
}

function declare({ provider }: Subject, verb: Verb, baseUrl: string): Properties {
  const items = contents.map((content) => ({ role: "user", content }));
  return {
    baseUrl,
    metadata: { a: "2" },
    ...(verb === "add items" && { items }),
    __provider: provider,
  };
}

/** Runs one operation, and returns what the engine has in its state afterwards, by the engine's own rules. */
async function runVerb(
  subject: Subject,
  verb: Verb,
  id: string,
  baseUrl: string,
  host: Host,
): Promise<Pick<Row, "recorded" | "message"> & { readonly properties: Properties }> {
  const state: Properties = {
    baseUrl,
    metadata: { a: "1" },
    __keys: [computeFingerprint(baseUrl, apiKey)],
    __instance: "instance",
    __provider: subject.provider,
  };
  const declared = declare(subject, verb, baseUrl);
  const kept = creates(verb) ? [] : [id];
  const succeed = (recorded: readonly string[], properties: Properties = {}) => ({
    recorded,
    properties,
    message: "",
  });
  try {
    switch (verb) {
      case "create":
      case "add items": {
        const created = await host.create(declared);
        return succeed([created.id], created.properties);
      }
      case "read":
        return succeed([(await host.read(id, { properties: state })).id].filter(Boolean));
      case "update":
        await host.update(id, state, declared);
        return succeed(kept);
      case "delete":
        await host.delete(id, state);
        return succeed([]);
    }
  } catch (error) {
    if (!(error instanceof HookFailed)) throw error;
    const { partial, message } = error;
    return { recorded: partial ? [partial.id] : kept, properties: partial?.properties ?? {}, message };
  }
}

/** Creates an object without the host, whose process may be paused. */
async function createDirectly(subject: Subject, emulator: Emulator): Promise<string> {
  const before = subject.listObjects(emulator).map(({ id }) => id);
  await fetch(`${subject.getBaseUrl(emulator)}/${subject.collection}`, {
    method: "POST",
    headers: { authorization: `Bearer ${setupKey}`, "content-type": "application/json" },
    body: JSON.stringify({ metadata: { a: "1" } }),
  });
  const made = subject.listObjects(emulator).find(({ id }) => !before.includes(id));
  if (made === undefined) throw new Error(`The emulator created no ${subject.noun}.`);
  return made.id;
}

/** Waits until the host sends again. Under a foreign key, DashScope's answer is that the object doesn't exist. */
async function waitForRecovery(subject: Subject, host: Host, emulator: Emulator): Promise<void> {
  const id = await createDirectly(subject, emulator);
  const properties = { baseUrl: subject.getBaseUrl(emulator), metadata: {}, __provider: subject.provider };
  while (!(await host.read(id, { properties }).catch(() => undefined))) await sleep(100);
}
