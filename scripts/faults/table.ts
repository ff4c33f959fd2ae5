import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator } from "dashscope-emulator";
import { HookFailed, type Host, type Properties, provider } from "../host/host";
import { Opened } from "../host/opened";
import { requestTimeout, type Trouble, troubles } from "./faults";
import { Relay } from "./relay";

export const verbs = ["create", "read", "update", "delete"] as const;
export type Verb = (typeof verbs)[number];

/** What became of one hook in one trouble. */
export interface Row {
  readonly verb: Verb;
  readonly trouble: Trouble;
  /** Whether it strikes once or for ever. */
  readonly strikes: "once" | "ever";
  /** The requests that arrived. */
  readonly requests: number;
  /** The threads that exist afterwards; before it, none for a create and one for every other verb. */
  readonly threads: readonly string[];
  /** The threads that the engine has in its state afterwards. */
  readonly state: readonly string[];
  /** What the person reads; nothing when all went well. */
  readonly message: string;
  readonly url: string;
}

type Cell = Pick<Row, "verb" | "trouble" | "strikes">;

const config = {
  "dashscope:requestTimeout": String(requestTimeout),
  "dashscope:operationTimeout": "12",
  "dashscope:maxRetries": "2",
  "dashscope:maxConcurrency": "64",
};

/** Runs every verb in every trouble through real hosts. */
export async function faultTable(): Promise<Row[]> {
  const opened = new Opened();
  try {
    const rows = (
      await Promise.all([inLanes(opened, "slow", 16), inLanes(opened, undefined, 6), pausing(opened)])
    ).flat();
    const order = cellsOf(troubles);
    const place = ({ verb, trouble, strikes }: Cell) =>
      order.findIndex((cell) => cell.verb === verb && cell.trouble === trouble && cell.strikes === strikes);
    return rows.toSorted((a, b) => place(a) - place(b));
  } finally {
    await opened.close();
  }
}

function cellsOf(some: readonly Trouble[]): Cell[] {
  return some.flatMap((trouble) => {
    const strikes = trouble.fault === undefined ? (["ever"] as const) : (["once", "ever"] as const);
    return strikes.flatMap((strike) => verbs.map((verb) => ({ verb, trouble, strikes: strike })));
  });
}

/** Those that do not disturb one another, through one host, in lanes with an emulator each. */
async function inLanes(opened: Opened, pace: Trouble["pace"], count: number): Promise<Row[]> {
  const host = await opened.hostOn(await opened.emulator(), { config });
  const left = cellsOf(troubles.filter((trouble) => trouble.pace === pace)).values();
  const lanes = Array.from({ length: count }, async () => {
    const emulator = await opened.emulator();
    const rows: Row[] = [];
    for (const cell of left) rows.push(await row(cell, host, emulator, opened));
    return rows;
  });
  return (await Promise.all(lanes)).flat();
}

/** Those that pause a host, each with a host of its own that is let to recover in between. */
async function pausing(opened: Opened): Promise<Row[]> {
  const groups = troubles
    .filter(({ pace }) => pace === "pausing")
    .map(async (trouble) => {
      const emulator = await opened.emulator();
      const host = await opened.hostOn(emulator, {
        config: { ...config, "dashscope:operationTimeout": "5" },
      });
      const rows: Row[] = [];
      for (const cell of cellsOf([trouble])) {
        rows.push(await row(cell, host, emulator, opened));
        await recovered(host, emulator);
      }
      return rows;
    });
  return (await Promise.all(groups)).flat();
}

async function row(cell: Cell, host: Host, emulator: Emulator, opened: Opened): Promise<Row> {
  const { verb, trouble, strikes } = cell;
  const { fault, late } = trouble;
  const before = verb === "create" ? [] : [await existing(emulator)];
  const others = emulator.threads().map(({ id }) => id);
  emulator.clearRequests();
  if (fault) emulator.setFaults([strikes === "once" ? { ...fault, times: 1 } : fault]);
  const relay = late && opened.add(await Relay.closed());
  const url = relay ? `http://127.0.0.1:${relay.port}/api/v1` : (trouble.baseUrl ?? emulator.url);
  const ending = outcome(verb, before[0] ?? "", url, host);
  if (relay) setTimeout(() => relay.open(emulator.port), 30);
  const { state, message } = await ending;
  const requests = emulator.requests().length;
  emulator.setFaults([]);
  const threads = emulator
    .threads()
    .map(({ id }) => id)
    .filter((id) => before.includes(id) || !others.includes(id));
  return { ...cell, url, requests, threads, state, message };
}

/** What the engine has in its state after a hook, by the engine's own rules. */
async function outcome(
  verb: Verb,
  id: string,
  baseUrl: string,
  host: Host,
): Promise<Pick<Row, "state" | "message">> {
  const recorded: Properties = { baseUrl, metadata: { a: "1" }, __provider: provider };
  const declared: Properties = { ...recorded, metadata: { a: "2" } };
  const kept = verb === "create" ? [] : [id];
  try {
    switch (verb) {
      case "create":
        return { state: [(await host.create(declared)).id], message: "" };
      case "read":
        return { state: [(await host.read(id, { properties: recorded })).id].filter(Boolean), message: "" };
      case "update":
        await host.update(id, recorded, declared);
        return { state: kept, message: "" };
      case "delete":
        await host.delete(id, recorded);
        return { state: [], message: "" };
    }
  } catch (error) {
    if (!(error instanceof HookFailed)) throw error;
    return { state: error.partial ? [error.partial.id] : kept, message: error.message };
  }
}

/** Makes a thread without the host, whose process may be pausing. */
async function existing(emulator: Emulator): Promise<string> {
  const before = emulator.threads().map(({ id }) => id);
  await fetch(`${emulator.url}/threads`, {
    method: "POST",
    headers: { authorization: "Bearer sk-setup", "content-type": "application/json" },
    body: JSON.stringify({ metadata: { a: "1" } }),
  });
  const made = emulator.threads().find(({ id }) => !before.includes(id));
  if (made === undefined) throw new Error("The emulator made no thread.");
  return made.id;
}

/** Waits until the host sends again. */
async function recovered(host: Host, emulator: Emulator): Promise<void> {
  const id = await existing(emulator);
  const properties = { baseUrl: emulator.url, metadata: {}, __provider: provider };
  while (!(await host.read(id, { properties }).catch(() => undefined))) await sleep(100);
}
