/**
 * How quick `dashscope-emulator` is, empty and full: `npm run bench -w emulator`. The emulator runs in a process of its
 * own, the clients in this one.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";

const CONNECTIONS = 64;
const THREADS = 10_000;
const MESSAGES_OF_A_THREAD = 10;

interface RunningEmulator {
  origin: string;
  /** Milliseconds from the start of the process to its being ready. */
  startup: number;
  stop(): Promise<void>;
}

async function start(...args: string[]): Promise<RunningEmulator> {
  const before = performance.now();
  const child = spawn(
    process.execPath,
    [join(__dirname, "../emulator/dist/cli.js"), "--port", "0", ...args],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [line] = await once(child.stdout, "data");
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0];
  if (origin === undefined) throw new Error(`The emulator did not start: ${line}`);
  return {
    origin,
    startup: performance.now() - before,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

interface Call {
  method: "GET" | "POST" | "DELETE";
  path: string;
  body?: unknown;
}

interface Timing {
  perSecond: number;
  p50: number;
  p99: number;
  answers: string[];
}

/** Sends `count` calls over all connections at once, as fast as they are answered. */
async function load(origin: string, count: number, callNumber: (index: number) => Call): Promise<Timing> {
  const pool = new Pool(origin, { connections: CONNECTIONS });
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
        path: `/api/v1${path}`,
        headers: { authorization: "Bearer sk-bench", "content-type": "application/json" },
        body: body === undefined ? null : JSON.stringify(body),
      });
      answers.push(await answer.body.text());
      times.push(performance.now() - sent);
      if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answers.at(-1)}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const seconds = (performance.now() - before) / 1000;
  await pool.close();
  times.sort((a, b) => a - b);
  return { perSecond: count / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99), answers };
}

const quantile = (sorted: number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;

function print(name: string, { perSecond, p50, p99 }: Timing): void {
  console.log(
    `${name.padEnd(44)}${Math.round(perSecond).toString().padStart(7)} a second   ` +
      `median ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms`,
  );
}

const message = { role: "user", content: "How does AI work? Explain it in simple terms." };
const create: Call = {
  method: "POST",
  path: "/threads",
  body: { messages: [message], metadata: { team: "bench" } },
};

async function creates(name: string, ...args: string[]): Promise<void> {
  const emulator = await start(...args);
  await load(emulator.origin, 5000, () => create);
  print(name, await load(emulator.origin, 20_000, () => create));
  await emulator.stop();
}

/** The times of each call, on threads all over the data; a first run warms the emulator up. */
async function everyCall(emulator: RunningEmulator, threads: string[]): Promise<void> {
  const thread = (index: number): string => `/threads/${threads[(index * 7919) % threads.length]}`;
  const calls: [string, (index: number) => Call][] = [
    ["create", () => create],
    ["retrieve", (index) => ({ method: "GET", path: thread(index) })],
    [
      "update",
      (index) => ({ method: "POST", path: thread(index), body: { metadata: { n: String(index) } } }),
    ],
    ["create a message", (index) => ({ method: "POST", path: `${thread(index)}/messages`, body: message })],
    ["list 10 messages", (index) => ({ method: "GET", path: `${thread(index)}/messages?limit=10` })],
  ];
  for (const [name, callNumber] of calls) {
    await load(emulator.origin, 2000, callNumber);
    print(`  ${name}`, await load(emulator.origin, 5000, callNumber));
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "emulator-bench-"));
  try {
    await creates("Creates, in a temporary file");
    await creates("Creates, in a data file", "--data", join(folder, "creates"));

    const data = join(folder, "threads");
    const filling = await start("--data", data);
    const first = await load(filling.origin, 100, () => create);
    const ids = first.answers.map(threadId);
    console.log("\nEach call, with 100 threads:");
    await everyCall(filling, ids);
    const messages = Array.from({ length: MESSAGES_OF_A_THREAD }, () => message);
    const filled = await load(filling.origin, THREADS, () => ({ ...create, body: { messages } }));
    ids.push(...filled.answers.map(threadId));
    await filling.stop();

    const full = await start("--data", data);
    const megabytes = statSync(data).size / 1024 / 1024;
    console.log(
      `\nEach call, with ${THREADS} threads and ${THREADS * MESSAGES_OF_A_THREAD} messages more ` +
        `(${megabytes.toFixed(0)} MB, restarted in ${full.startup.toFixed(0)} ms):`,
    );
    await everyCall(full, ids);
    await full.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const threadId = (answer: string): string => /thread_[0-9a-f-]+/.exec(answer)?.[0] ?? "";

void main();
