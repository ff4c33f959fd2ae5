import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { type Server, startServer } from "./server";

const connections = 64;
const threads = 10_000;
const messagesOfThread = 10;

/** How quickly calls are answered, over all connections at once. */
interface Timing {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly median: number;
  readonly p99: number;
}

interface CallTiming extends Timing {
  readonly name: string;
}

/** The figures of `dashscope-emulator`, empty and full. */
export interface EmulatorTimings {
  readonly calls: readonly CallTiming[];
  /** What the data file holds in the end. */
  readonly full: {
    readonly threads: number;
    readonly messages: number;
    readonly bytes: number;
    /** Milliseconds in which an emulator with this file starts. */
    readonly startup: number;
  };
}

interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

type CallNumber = (index: number) => Call;

const message = { role: "user", content: "How does AI work? Explain it in simple terms." };
const create: Call = {
  method: "POST",
  path: "/threads",
  body: { messages: [message], metadata: { team: "bench" } },
};

/** How quick `dashscope-emulator` is, in a process of its own, the clients in this one. */
export async function measureEmulator(onStep: (step: string) => void): Promise<EmulatorTimings> {
  const calls: CallTiming[] = [];
  const measure = async ({ url }: Server, name: string, count: number, callNumber: CallNumber) => {
    onStep(`emulator, ${name}`);
    // A first run warms the emulator up.
    await load(url, Math.ceil(count / 4), callNumber);
    calls.push({ name, ...(await load(url, count, callNumber)).timing });
  };
  const creates = async (name: string, ...args: string[]) => {
    const server = await startServer(...args);
    await measure(server, name, 20_000, () => create);
    await server.stop();
  };
  const everyCall = async (server: Server, setting: string, ids: readonly string[]) => {
    for (const [name, callNumber] of callsOn(ids))
      await measure(server, `${name}, ${setting}`, 5000, callNumber);
  };

  const folder = mkdtempSync(join(tmpdir(), "emulator-bench-"));
  try {
    await creates("create, in a temporary file");
    await creates("create, in a data file", "--data", join(folder, "creates"));

    const data = join(folder, "threads");
    const filling = await startServer("--data", data);
    const first = await load(filling.url, 100, () => create);
    await everyCall(filling, "with 100 threads", first.answers.map(threadId));
    const messages = Array.from({ length: messagesOfThread }, () => message);
    onStep("emulator, filling it");
    const filled = await load(filling.url, threads, () => ({ ...create, body: { messages } }));
    await filling.stop();

    const full = await startServer("--data", data);
    const { size: bytes } = statSync(data);
    await everyCall(full, "in the full file", [...first.answers, ...filled.answers].map(threadId));
    await full.stop();
    return { calls, full: { threads, messages: threads * messagesOfThread, bytes, startup: full.startup } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each call, on threads all over the data. */
function callsOn(ids: readonly string[]): [name: string, callNumber: CallNumber][] {
  const thread = (index: number): string => `/threads/${ids[(index * 7919) % ids.length]}`;
  return [
    ["create", () => create],
    ["retrieve", (index) => ({ method: "GET", path: thread(index) })],
    [
      "update",
      (index) => ({ method: "POST", path: thread(index), body: { metadata: { n: String(index) } } }),
    ],
    ["create a message", (index) => ({ method: "POST", path: `${thread(index)}/messages`, body: message })],
    ["list 10 messages", (index) => ({ method: "GET", path: `${thread(index)}/messages?limit=10` })],
  ];
}

/** Sends `count` calls over all connections at once, as fast as they are answered. */
async function load(
  url: string,
  count: number,
  callNumber: CallNumber,
): Promise<{ timing: Timing; answers: string[] }> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections });
  const times: number[] = [];
  const answers: string[] = [];
  let next = 0;
  const before = performance.now();
  const client = async () => {
    while (next < count) {
      const { method, path, body } = callNumber(next++);
      const sent = performance.now();
      const answer = await pool.request({
        method,
        path: pathname + path,
        headers: { authorization: "Bearer sk-bench", "content-type": "application/json" },
        body: body === undefined ? null : JSON.stringify(body),
      });
      answers.push(await answer.body.text());
      times.push(performance.now() - sent);
      if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answers.at(-1)}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - before) / 1000;
  await pool.close();
  times.sort((a, b) => a - b);
  return {
    timing: { perSecond: count / seconds, median: quantile(times, 0.5), p99: quantile(times, 0.99) },
    answers,
  };
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;

const threadId = (answer: string): string => /thread_[0-9a-f-]+/.exec(answer)?.[0] ?? "";
