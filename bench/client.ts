import { Agent, type Dispatcher } from "undici";
import { Client } from "../provider/src/dashscope/client";
import { defaultSettings } from "../provider/src/dashscope/settings";
import { Threads } from "../provider/src/dashscope/threads";
import { median } from "./median";
import { startServer } from "./server";

const creates = 500;
const rounds = 31;

const thread = {
  messages: [{ role: "user", content: "You are talking to the support desk." }],
  metadata: { team: "support", env: "prod" },
};

/** Creates a second; medians of rounds in turns. */
export interface Throughput {
  readonly concurrency: number;
  readonly ours: number;
  /** A bare loop with a connection for each create, as ours has so that none is lost to a server that closes an idle one. */
  readonly bareFresh: number;
  /** A bare loop over kept connections. */
  readonly bareKept: number;
  /** Ours against the first loop, round by round. */
  readonly ratio: number;
}

/** Our client against bare `undici`, on a server in a process of its own. */
export async function compareClients(
  concurrency: number,
  onStep: (step: string) => void,
): Promise<Throughput> {
  const server = await startServer(0);
  const place = { baseUrl: server.url };
  const settings = { ...defaultSettings, maxConcurrency: concurrency };
  const threads = new Threads(new Client(() => "sk-bench", settings));
  const fresh = new Agent({ pipelining: 0 });
  const kept = new Agent();
  const samples: Omit<Throughput, "concurrency" | "ratio">[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      onStep(`client, ${concurrency} at once, round ${round + 1} of ${rounds}`);
      samples.push({
        ours: await rate(() => threads.create(place, thread), concurrency),
        bareFresh: await rate(() => bareCreate(fresh, server.url), concurrency),
        bareKept: await rate(() => bareCreate(kept, server.url), concurrency),
      });
    }
  } finally {
    await Promise.all([fresh.close(), kept.close()]);
    await server.stop();
  }
  return {
    concurrency,
    ours: median(samples.map(({ ours }) => ours)),
    bareFresh: median(samples.map(({ bareFresh }) => bareFresh)),
    bareKept: median(samples.map(({ bareKept }) => bareKept)),
    ratio: median(samples.map(({ ours, bareFresh }) => ours / bareFresh)),
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

/** How often a second `call` is answered when so many are under way at once. */
async function rate(call: () => Promise<unknown>, concurrency: number): Promise<number> {
  let begun = 0;
  const started = performance.now();
  const one = async () => {
    while (begun++ < creates) await call();
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return creates / ((performance.now() - started) / 1000);
}
