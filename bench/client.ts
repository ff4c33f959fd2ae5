import { Agent, type Dispatcher } from "undici";
import type * as configuration from "../provider/src/config/configuration";
import type * as client from "../provider/src/dashscope/client";
import type * as endpoints from "../provider/src/thread/endpoints";
import { built } from "./compiled";
import { median } from "./median";
import { startServer } from "./server";

const creates = 2000;
const rounds = 15;

// As it is published: tsx wraps each function in a call of its own.
const { Client }: typeof client = built("dashscope/client");
const { createThread }: typeof endpoints = built("thread/endpoints");
const { Configuration }: typeof configuration = built("config/configuration");

const thread: endpoints.NewThread = {
  messages: [{ role: "user", content: "You are talking to the support desk." }],
  metadata: { team: "support", env: "prod" },
};

/** Creates a second; medians of rounds in turns. */
export interface Throughput {
  readonly concurrency: number;
  readonly ours: number;
  readonly bare: number;
  /** Ours against the other, round by round. */
  readonly ratio: number;
}

/** Our client against bare `undici`, on a server in a process of its own. */
export async function compareClients(
  concurrency: number,
  onStep: (step: string) => void,
): Promise<Throughput> {
  const server = await startServer();
  const place = { baseUrl: server.url };
  const settings = new Configuration({}).resolveClientSettings();
  const ours = new Client({
    getCredential: () => ({ key: "sk-bench", source: "the bench" }),
    settings: { ...settings, maxConcurrency: concurrency },
  });
  const agent = new Agent();
  const samples: Pick<Throughput, "ours" | "bare">[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      onStep(`client, ${concurrency} at once, round ${round + 1} of ${rounds}`);
      samples.push({
        ours: await rate(() => createThread(ours, place, thread), concurrency),
        bare: await rate(() => bareCreate(agent, server.url), concurrency),
      });
    }
  } finally {
    await agent.close();
    await server.stop();
  }
  return {
    concurrency,
    ours: median(samples.map(({ ours }) => ours)),
    bare: median(samples.map(({ bare }) => bare)),
    ratio: median(samples.map(({ ours, bare }) => ours / bare)),
  };
}

async function bareCreate(dispatcher: Dispatcher, baseUrl: string): Promise<void> {
  const { origin, pathname } = new URL(`${baseUrl}/threads`);
  const { statusCode, body } = await dispatcher.request({
    origin,
    path: pathname,
    method: "POST",
    headers: { authorization: "Bearer sk-bench", "content-type": "application/json" },
    body: JSON.stringify(thread),
  });
  const created = await body.json();
  if (statusCode !== 200) throw new Error(`The server answered ${statusCode}: ${JSON.stringify(created)}`);
}

/** How often a second `call` is answered when so many are under way at once, over connections that are open already. */
async function rate(call: () => Promise<unknown>, concurrency: number): Promise<number> {
  await repeat(call, concurrency, 4 * concurrency);
  const started = performance.now();
  await repeat(call, concurrency, creates);
  return creates / ((performance.now() - started) / 1000);
}

async function repeat(call: () => Promise<unknown>, concurrency: number, count: number): Promise<void> {
  let begun = 0;
  const one = async () => {
    while (begun++ < count) await call();
  };
  await Promise.all(Array.from({ length: concurrency }, one));
}
