import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { repeat } from "./client";
import { startServer } from "./server";
import type { Options } from "./stacks";
import { formatNumber, formatRatio, formatTable } from "./table";

const connections = 64;
const calls = 5000;
const [few, many] = [100, 10_000];

interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

const message = { role: "user", content: "How does AI work? Explain it in simple terms." };
const create: Request = { method: "POST", path: "/threads", body: { metadata: { team: "support" } } };

/** Compares the calls a second of the emulator with a small and with a large data file. */
export async function measureEmulator({ onStep }: Options): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "emulator-bench-"));
  const server = await startServer("--data", join(folder, "threads"));
  const ids: string[] = [];
  const fill = async (count: number) => {
    onStep(`emulator, creating ${count} threads`);
    const messages = Array.from({ length: 10 }, () => message);
    const answers = await send(server.baseUrl, count, () => ({ ...create, body: { messages } }));
    ids.push(...answers.bodies.map((body) => /thread_[\w-]+/.exec(body)?.[0] ?? ""));
  };
  const measureAll = async () => {
    const rates: number[] = [];
    for (const [name, build] of requests) {
      onStep(`emulator, ${name} with ${ids.length} threads`);
      const path = (index: number) => `/threads/${ids[(index * 7919) % ids.length]}`;
      rates.push((await send(server.baseUrl, calls, (index) => build(path(index)))).rate);
    }
    return rates;
  };
  try {
    await fill(few);
    const small = await measureAll();
    await fill(many - few);
    const large = await measureAll();
    return formatTable(
      ["calls a second", `${few} threads`, `${many.toLocaleString("en")} threads`, "large ÷ small"],
      requests.map(([name], row) => [
        name,
        formatNumber(small[row]),
        formatNumber(large[row]),
        formatRatio(large[row], small[row]),
      ]),
    );
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The measured requests, on a thread with the path `/threads/{id}`. */
const requests: readonly (readonly [name: string, build: (path: string) => Request])[] = [
  ["retrieve", (path) => ({ method: "GET", path })],
  ["update", (path) => ({ method: "POST", path, body: { metadata: { team: "sales" } } })],
  ["create a message", (path) => ({ method: "POST", path: `${path}/messages`, body: message })],
  ["list 10 messages", (path) => ({ method: "GET", path: `${path}/messages?limit=10` })],
  ["create", () => create],
];

async function send(
  baseUrl: string,
  count: number,
  build: (index: number) => Request,
): Promise<{ rate: number; bodies: string[] }> {
  const { origin, pathname } = new URL(baseUrl);
  const pool = new Pool(origin, { connections });
  const bodies: string[] = [];
  const started = performance.now();
  const sendOne = async (index: number) => {
    const { method, path, body } = build(index);
    const answer = await pool.request({
      method,
      path: pathname + path,
      headers: { authorization: "Bearer sk-bench", "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${text}`);
    bodies.push(text);
  };
  await repeat(sendOne, connections, count);
  const rate = count / ((performance.now() - started) / 1000);
  await pool.close();
  return { rate, bodies };
}
