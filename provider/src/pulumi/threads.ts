import type { Threads } from "../dashscope/threads";
import type { Configuration } from "./configuration";

const loaded = new WeakMap<Configuration, Promise<Threads>>();

/** The endpoints as configured; loaded, with `undici`, by the first one who sends something, and shared from then on. */
export function threadsOf(configuration: Configuration): Promise<Threads> {
  let threads = loaded.get(configuration);
  if (threads === undefined) {
    threads = load(configuration);
    loaded.set(configuration, threads);
  }
  return threads;
}

async function load(configuration: Configuration): Promise<Threads> {
  const settings = configuration.settings();
  const [{ Client }, { Threads }] = await Promise.all([
    import("../dashscope/client"),
    import("../dashscope/threads"),
  ]);
  return new Threads(new Client(() => configuration.apiKey(), settings));
}
