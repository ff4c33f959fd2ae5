import { getProviderText } from "../provider/src/resource/providerText";
import { Host } from "../scripts/host/host";
import { median } from "./median";
import { startServer } from "./server";

// One start differs from the next by more than what is looked for.
const repetitions = 40;

const empty = 'exports.handler = () => ({ create: async (inputs) => ({ id: "thread_1", outs: inputs }) });';

/** Milliseconds. */
interface Sample {
  /** From the start of Pulumi's dynamic-provider host to the answer of the first `check`. */
  readonly toCheck: number;
  /** From there to the answer of the first `create`. */
  readonly toCreate: number;
}

/** Medians, and of pairs in turn what ours took more. */
export interface Loading {
  readonly ours: Sample;
  readonly empty: Sample;
  readonly more: Sample;
}

/** How long the real host takes to load our hooks, beside hooks that do nothing. */
export async function compareLoading(onStep: (step: string) => void): Promise<Loading> {
  const pairs: { ours: Sample; empty: Sample }[] = [];
  const server = await startServer();
  const ours = () => load(getProviderText("Thread"), server.url);
  const bare = () => load(empty, server.url);
  try {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      onStep(`loading, repetition ${repetition + 1} of ${repetitions}`);
      // Each is first in its turn.
      const isOdd = repetition % 2 === 1;
      pairs.push(
        isOdd ? { ours: await ours(), empty: await bare() } : { empty: await bare(), ours: await ours() },
      );
    }
  } finally {
    await server.stop();
  }
  return {
    ours: medians(pairs.map((pair) => pair.ours)),
    empty: medians(pairs.map((pair) => pair.empty)),
    more: medians(
      pairs.map((pair) => ({
        toCheck: pair.ours.toCheck - pair.empty.toCheck,
        toCreate: pair.ours.toCreate - pair.empty.toCreate,
      })),
    ),
  };
}

async function load(__provider: string, baseUrl: string): Promise<Sample> {
  const started = performance.now();
  const host = await Host.start({
    env: { DASHSCOPE_API_KEY: "sk-bench", DASHSCOPE_HTTP_BASE_URL: baseUrl },
  });
  try {
    const { inputs } = await host.check({ __provider, metadata: { team: "support" } });
    const checked = performance.now();
    await host.create(inputs);
    return { toCheck: checked - started, toCreate: performance.now() - checked };
  } finally {
    await host.close();
  }
}

function medians(samples: readonly Sample[]): Sample {
  return {
    toCheck: median(samples.map(({ toCheck }) => toCheck)),
    toCreate: median(samples.map(({ toCreate }) => toCreate)),
  };
}
