import { type Emulator, type EmulatorOptions, startEmulator } from "dashscope-emulator";
import { Host, type HostOptions } from "./host";

/** What a test file has opened, to be closed in the end however its tests went. */
export class Opened {
  readonly #closers: (() => Promise<unknown>)[] = [];

  async emulator(options?: EmulatorOptions): Promise<Emulator> {
    return this.add(await startEmulator(options));
  }

  async host(options?: HostOptions): Promise<Host> {
    return this.add(await Host.start(options));
  }

  /** A host with a key, at home on an emulator. */
  async hostOn(emulator: Emulator, { env, config, ...rest }: HostOptions = {}): Promise<Host> {
    return this.host({
      env: { DASHSCOPE_API_KEY: apiKey, ...env },
      config: { "dashscope:baseUrl": emulator.url, ...config },
      ...rest,
    });
  }

  add<T extends { close(): Promise<unknown> }>(one: T): T {
    this.#closers.push(() => one.close());
    return one;
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()));
  }
}

/** The key of {@link Opened.hostOn}, which nothing may show. */
export const apiKey = "sk-7e1f0c9b8a7d6e5f4c3b2a1908f7e6d5";
