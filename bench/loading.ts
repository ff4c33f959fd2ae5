import { getProviderText } from "../provider/src/resource/providerText";
import { Host } from "../scripts/host/dynamicHost";
import { startServer } from "./server";
import type { Options } from "./stacks";
import { computeMedian, formatNumber, formatTable } from "./table";

// Two starts differ by more than what is measured.
const rounds = 40;

const emptyHandler =
  'exports.handler = () => ({ create: async (inputs) => ({ id: "thread_1", outs: inputs }) });';

/** Milliseconds until a host answers. */
interface Loading {
  /** From the start of Pulumi's dynamic-provider host to the answer of the first `check`. */
  readonly check: number;
  /** From there to the answer of the first `create`. */
  readonly create: number;
}

/** Compares how long Pulumi's host takes to load the provider's hooks and an empty handler. */
export async function measureLoading({ onStep }: Options): Promise<string> {
  const pairs: { hooks: Loading; empty: Loading }[] = [];
  const server = await startServer();
  const loadHooks = () => load(getProviderText("Thread"), server.baseUrl);
  const loadEmpty = () => load(emptyHandler, server.baseUrl);
  try {
    for (let round = 0; round < rounds; round++) {
      onStep(`loading, round ${round + 1} of ${rounds}`);
      // They take turns in being first.
      pairs.push(
        round % 2 === 1
          ? { hooks: await loadHooks(), empty: await loadEmpty() }
          : { empty: await loadEmpty(), hooks: await loadHooks() },
      );
    }
  } finally {
    await server.stop();
  }
  const formatRow = (name: string, key: keyof Loading) => [
    name,
    ...[
      pairs.map(({ hooks }) => hooks[key]),
      pairs.map(({ empty }) => empty[key]),
      pairs.map(({ hooks, empty }) => hooks[key] - empty[key]),
    ].map((values) => formatNumber(computeMedian(values))),
  ];
  return formatTable(
    ["", "Thread, ms", "empty handler, ms", "difference, ms"],
    [
      formatRow("process start to the first `check`", "check"),
      formatRow("first `check` to the first `create`", "create"),
    ],
  );
}

async function load(__provider: string, baseUrl: string): Promise<Loading> {
  const started = performance.now();
  const env = { DASHSCOPE_API_KEY: "sk-bench", DASHSCOPE_HTTP_BASE_URL: baseUrl };
  const host = await Host.start({ env });
  try {
    const { inputs } = await host.check({ __provider, metadata: { team: "support" } });
    const checked = performance.now();
    await host.create(inputs);
    return { check: checked - started, create: performance.now() - checked };
  } finally {
    await host.close();
  }
}
