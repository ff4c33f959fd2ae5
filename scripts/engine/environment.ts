import { join } from "node:path";

/** What makes a run of Pulumi a closed one: state and settings in a folder, no account, nothing fetched. */
export function closedEngine(folder: string): Record<string, string> {
  return {
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "local",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/**
 * Puts an environment in force for as long as some work lasts: on top of this process's own, of which `hidden` is left out.
 * An inline program runs in this process and reads `process.env`, which the CLI and the hooks inherit too.
 */
export async function withEnvironment<T>(
  own: Readonly<Record<string, string>>,
  hidden: RegExp,
  work: () => Promise<T>,
): Promise<T> {
  const before = { ...process.env };
  for (const name of Object.keys(before)) {
    if (hidden.test(name)) delete process.env[name];
  }
  Object.assign(process.env, own);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) delete process.env[name];
    }
    Object.assign(process.env, before);
  }
}
