/** How patient the client is. Each one is a configuration key of the same name; see `configuration.ts`. */
export interface Settings {
  /** Seconds to establish a connection, TLS included. */
  readonly connectTimeout: number;
  /** Seconds for one attempt, from connecting to the last byte of the answer. */
  readonly requestTimeout: number;
  /** Seconds for one operation on one thread, with its retries and the pauses a throttled account imposes. */
  readonly operationTimeout: number;
  /** How often a failed attempt is repeated. Throttled attempts do not count: `operationTimeout` ends those. */
  readonly maxRetries: number;
  /** How many requests are under way at once, whatever Pulumi's `--parallel` says. */
  readonly maxConcurrency: number;
}

export const defaultSettings: Settings = {
  connectTimeout: 10,
  requestTimeout: 60,
  operationTimeout: 300,
  maxRetries: 5,
  maxConcurrency: 16,
};

/** The names of all settings. */
export const settingKeys = [
  "connectTimeout",
  "requestTimeout",
  "operationTimeout",
  "maxRetries",
  "maxConcurrency",
] as const satisfies readonly (keyof Settings)[];
