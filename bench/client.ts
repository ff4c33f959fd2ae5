import { Agent, type Dispatcher } from "undici";
import type * as configurationModule from "../provider/src/config/configuration";
import type * as clientModule from "../provider/src/dashscope/client";
import type * as endpointsModule from "../provider/src/thread/endpoints";
import { loadPublished } from "./compile";
import { startServer } from "./server";
import type { Options } from "./stacks";
import { computeMedian, formatNumber, formatTable } from "./table";

const creates = 2000;
const rounds = 15;

// As they are published, without the wrappers of tsx.
const { Client }: typeof clientModule = loadPublished("dashscope/client");
const { createThread }: typeof endpointsModule = loadPublished("thread/endpoints");
const { Configuration }: typeof configurationModule = loadPublished("config/configuration");

const thread: endpointsModule.NewThread = {
  messages: [{ role: "user", content: "You are talking to the support desk." }],
  metadata: { team: "support", env: "prod" },
};

/** Compares the creates a second of the provider's client and of undici alone. */
export async function measureClient({ onStep }: Options): Promise<string> {
  const rows: string[][] = [];
  for (const concurrency of [8, 64]) rows.push(await compareClients(concurrency, onStep));
  return formatTable(
    ["requests at once", "client, creates a second", "undici, creates a second", "client ÷ undici"],
    rows,
  );
}

async function compareClients(concurrency: number, onStep: (step: string) => void): Promise<string[]> {
  const server = await startServer();
  const settings = new Configuration({
    DASHSCOPE_MAX_CONCURRENCY: String(concurrency),
  }).resolveClientSettings();
  const client = new Client({ getCredential: () => ({ key: "sk-bench", source: "the bench" }), settings });
  const agent = new Agent();
  const rates: { client: number; undici: number }[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      onStep(`client, ${concurrency} at once, round ${round + 1} of ${rounds}`);
      rates.push({
        client: await measureRate(
          () => createThread(client, { baseUrl: server.baseUrl }, thread),
          concurrency,
        ),
        undici: await measureRate(() => createWithUndici(agent, server.baseUrl), concurrency),
      });
    }
  } finally {
    await agent.close();
    await server.stop();
  }
  return [
    String(concurrency),
    formatNumber(computeMedian(rates.map((rate) => rate.client))),
    formatNumber(computeMedian(rates.map((rate) => rate.undici))),
    computeMedian(rates.map((rate) => rate.client / rate.undici)).toFixed(2),
  ];
}

async function createWithUndici(dispatcher: Dispatcher, baseUrl: string): Promise<void> {
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

/** Measures the calls a second over connections that are already open. */
async function measureRate(call: () => Promise<unknown>, concurrency: number): Promise<number> {
  await repeat(call, concurrency, 4 * concurrency);
  const started = performance.now();
  await repeat(call, concurrency, creates);
  return creates / ((performance.now() - started) / 1000);
}

/** Makes `count` calls, as many at once as `concurrency` says. */
export async function repeat(
  call: (index: number) => Promise<unknown>,
  concurrency: number,
  count: number,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
