import { join } from "node:path";

/** What users write into Pulumi.yaml to use the provider plugin, with the folder that the build writes it to. */
export const plugins = {
  providers: [{ name: "dashscope", path: join(__dirname, "../../provider/dist/plugin") }],
};

/** Returns the variables that keep Pulumi in a folder, without an account or the network. */
export function isolateEngine(folder: string): Record<string, string> {
  return {
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "local",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/**
 * Runs `work` with additional environment variables, and without the variables whose names match `hidden`.
 * An inline program runs in this process and reads `process.env`. The CLI and the hooks inherit it.
 */
export async function withEnvironment<T>(
  additional: Readonly<Record<string, string>>,
  hidden: RegExp,
  work: () => Promise<T>,
): Promise<T> {
  const before = { ...process.env };
  for (const name of Object.keys(before)) {
    if (hidden.test(name)) delete process.env[name];
  }
  Object.assign(process.env, additional);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) delete process.env[name];
    }
    Object.assign(process.env, before);
  }
}
