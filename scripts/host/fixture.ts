import { type Emulator, type EmulatorOptions, startEmulator } from "dashscope-emulator";
import { leaveOutClosures } from "../engine/lean";
import { Host, type HostOptions } from "./dynamicHost";
import { Engine } from "./fakeEngine";

/** The key of {@link Fixture.startHostOn}. Nothing may show it. */
export const apiKey = "sk-7e1f0c9b8a7d6e5f4c3b2a1908f7e6d5";

/** Starts emulators and hosts, and closes all of them at the end. */
export class Fixture {
  readonly #closers: (() => Promise<unknown>)[] = [];

  async startEmulator(options?: EmulatorOptions): Promise<Emulator> {
    return this.add(await startEmulator(options));
  }

  async startHost({ env, ...rest }: HostOptions = {}): Promise<Host> {
    return this.add(await Host.start({ env: { ...leaveOutClosures, ...env }, ...rest }));
  }

  /** Starts a host with a key, and with an emulator as its endpoint. */
  async startHostOn(emulator: Emulator, { env, config, ...rest }: HostOptions = {}): Promise<Host> {
    return this.startHost({
      env: { DASHSCOPE_API_KEY: apiKey, ...env },
      config: { "dashscope:baseUrl": emulator.url, ...config },
      ...rest,
    });
  }

  async startEngine(): Promise<Engine> {
    return this.add(await Engine.start());
  }

  add<T extends { close(): Promise<unknown> }>(one: T): T {
    this.#closers.push(() => one.close());
    return one;
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()));
  }
}
